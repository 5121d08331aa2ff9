"""The alerts somebody must look at: found on the log, and read as they stand."""

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from domain.alerts import AlertRaised
from domain.batches import halved, read_all
from domain.desk.case import AlertCase
from domain.desk.events import AlertClosed, AlertReopened
from domain.register import OrderRegister

_PAGE = 1_000
_TOGETHER = 200


def open_alerts(
    register: OrderRegister, aside: Callable[[UUID, Exception], None] | None = None
) -> Iterator[AlertCase]:
    """Every open alert, the oldest first.

    `aside` is told of one that cannot be read; without it that raises, and names its event.
    """

    def read(some: Sequence[UUID]) -> dict[UUID, AlertCase]:
        return read_all(register, AlertCase, some)

    waiting = list(_not_closed(register))
    for start in range(0, len(waiting), _TOGETHER):
        some = waiting[start : start + _TOGETHER]
        cases = read(some) if aside is None else halved(some, read, aside)
        yield from (cases[each] for each in some if each in cases and cases[each].open)


def alerts_of(register: OrderRegister, staff: str, force: str) -> list[AlertCase]:
    """The open alerts that person has."""
    return [
        each
        for each in open_alerts(register)
        if each.ownership.staff == staff and each.force == force
    ]


def _not_closed(register: OrderRegister) -> Iterator[UUID]:
    topics = [AlertRaised.TOPIC, AlertClosed.TOPIC, AlertReopened.TOPIC]
    after, full, found = 0, True, dict[UUID, None]()
    while full:
        page = register.recorder.select_notifications(
            after, _PAGE, topics=topics, inclusive_of_start=False
        )
        for each in page:
            identity = UUID(str(each.originator_id))
            if each.topic == AlertClosed.TOPIC:
                found.pop(identity, None)
            else:
                found[identity] = None
        full = len(page) == _PAGE
        after = page[-1].id if page else after
    return iter(found)
