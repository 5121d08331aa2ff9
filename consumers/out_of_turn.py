"""What does not wait for its turn: breaches on the log behind a backlog of the desk.

What was found of the same order before comes with them: nobody is told of one order out of its order.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol, cast
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder

from domain.clocked import ReadsStreams
from domain.findings import BreachRecorded
from domain.published import OrderEvent

URGENT = (BreachRecorded.TOPIC,)
"""Of all findings only a breach may be of priority 1 (consumers/alert_rules.py)."""
AT_ONCE = 50
"""Brought forward in one go: where the backlog is all breaches, they have to follow each other anyway."""
FAR = 20_000
"""Positions looked over in one go: some milliseconds, however long the backlog is."""


class _Log(ReadsStreams, Protocol):
    def place_of(self, originator_id: UUID, version: int) -> int | None: ...


class OutOfTurn:
    """Looks past a backlog, each place once. It keeps no bookmark: in its turn everything comes by all the same."""

    def __init__(self, recorder: ApplicationRecorder, concerns: Collection[str]) -> None:
        """`concerns` are the topics of what the desk raises, withdraws and stands down."""
        self._recorder = recorder
        self._concerns = concerns
        self._looked = 0
        self._found: set[tuple[UUID, int]] = set()

    def bring_forward(
        self, events: Sequence[OrderEvent], raise_now: Callable[[Sequence[OrderEvent]], bool]
    ) -> None:
        """What is urgent past the first of `events`, which are the first of a backlog, and not among them.

        Where `raise_now` fails or says that it could not, the same place is looked over again.
        """
        first = events[0].position
        after = max(first, self._looked)
        upto = max(after, min(self._recorder.max_notification_id() or 0, after + FAR))
        found = self._recorder.select_notifications(
            after, AT_ONCE, stop=upto, topics=URGENT, inclusive_of_start=False
        )
        places = (OrderEvent(n.id, n.topic, n.originator_id, n.originator_version) for n in found)  # type: ignore[arg-type]  # a finding's stream is never text
        urgent = list(self._in_their_order([each for each in places if each not in events], first))
        if not urgent or raise_now(urgent):
            self._found.update((each.stream_id, each.version) for each in urgent)
            self._looked = found[-1].id if len(found) == AT_ONCE else upto

    def _in_their_order(self, breaches: Sequence[OrderEvent], first: int) -> Iterator[OrderEvent]:
        """What concerns the desk of each of these orders, from the first event of the backlog to the order's last breach.

        Without what was brought forward before: of an order that is broken again and again it is more each time.
        """
        last = {each.stream_id: each for each in breaches}
        log = cast("_Log", self._recorder)
        streams = log.select_streams(list(last), self._concerns) if last else {}
        for breach in last.values():
            waiting = []
            for each in reversed(streams[breach.stream_id]):
                if each.originator_version > breach.version:
                    continue
                if (breach.stream_id, each.originator_version) in self._found:
                    break
                place = log.place_of(breach.stream_id, each.originator_version) or 0
                if place < first:
                    break
                waiting.append(
                    OrderEvent(place, each.topic, breach.stream_id, each.originator_version)
                )
            yield from reversed(waiting)

    def found(self, event: OrderEvent) -> bool:
        """Whether it was brought forward out of this backlog."""
        return (event.stream_id, event.version) in self._found

    def caught_up(self) -> None:
        """The backlog is over; the next one is looked past from its own beginning."""
        self._looked = 0
        self._found.clear()
