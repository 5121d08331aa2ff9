"""Facts entered over HTTP, stated on the register of this store as `record` states them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from domain.batches import POISON
from domain.commands import Answer
from domain.dossier import order_id
from domain.events import RecordedEvent
from domain.orders import FactRefused, StalkingProtectionOrder
from domain.refusals import REFUSALS, Refusal
from domain.vocabulary import UnreadableFact, read_instant
from spowatch.open_store import Store
from spowatch.recording import Came, Stated, alerts_to_come, stated
from spowatch.turns import Turns
from spowatch.unread_messages import not_taken, put_before_a_person
from web.entering import AlertToCome, Entered, Entry, KeyUsedBefore, OrderUnreadable

_DOOR = "http"


class StoreEntries:
    """Entries told to the register of a store, those on one order one after another.

    Writers in other processes are met by the register's own tries.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._turns = Turns()

    def enter(self, entry: Entry) -> Entered:
        with self._turns.of(order_id(entry.reference)):
            came = self._stated(entry, rehearsal=False)
        answer = came.answer
        recorded = None if answer.position is not None else self._recorded(answer)
        if answer.repeated and not _same(entry, answer, recorded):
            raise KeyUsedBefore
        return Entered(
            order_id=answer.order_id,
            version=answer.version,
            position=self._place(answer, recorded),
            event_ids=answer.event_ids,
            refusal=_refusal(answer),
            repeated=answer.repeated,
        )

    def alerts_of(self, order: StalkingProtectionOrder, event: UUID) -> Sequence[AlertToCome]:
        return [
            AlertToCome(identity, demand.code, int(demand.priority))
            for identity, demand in alerts_to_come([event], order)
        ]

    def rehearse(self, entry: Entry) -> Refusal | None:
        return _refusal(self._stated(entry, rehearsal=True).answer)

    def put_before_a_person(self, entry: Entry, raw: bytes, why: str, now: datetime) -> UUID:
        why = f"sent by {entry.by.staff}: {why}"
        unread = not_taken(_DOOR, "api", entry.reference, raw, why)
        return put_before_a_person(self._store.register, unread, now)

    def _stated(self, entry: Entry, *, rehearsal: bool) -> Came:
        now = self._clock()
        given = Stated(entry.kind, entry.reference, _fact(entry), entry.person, entry.at_version)
        try:
            return stated(given, self._store.register, now=now, rehearsal=rehearsal)
        except UnreadableFact:
            raise
        except POISON as fault:
            raise OrderUnreadable(type(fault).__name__) from fault

    def _recorded(self, answer: Answer) -> RecordedEvent | None:
        """The event that an answer given before names: the fact, or that it was refused."""
        order = self._store.register.order_by_id(answer.order_id)
        stored = (*order.facts, *order.refused)
        return next((each for each in stored if each.event_id in answer.event_ids), None)

    def _place(self, answer: Answer, recorded: RecordedEvent | None) -> int | None:
        """Where its event stands in the log, also when it was recorded before."""
        if answer.position is not None or recorded is None:
            return answer.position
        return self._store.log.place_of(recorded.originator_id, recorded.originator_version)


def _fact(entry: Entry) -> dict[str, Any]:
    """As a facts file writes it. The person acts for the force they are on duty for; some machines for none."""
    data = dict(entry.values)
    if entry.known_at is not None:
        data["recorded_at"] = entry.known_at
    about = {
        "t": entry.t,
        "actor": entry.by.staff,
        "role": str(entry.by.role),
        "force": entry.by.force or None,
        "command_id": entry.key,
    }
    return {"data": data} | {key: value for key, value in about.items() if value is not None}


def _same(entry: Entry, answer: Answer, recorded: RecordedEvent | None) -> bool:
    """Whether the key was used for this very command; what left no event cannot be compared."""
    if answer.order_id != order_id(entry.reference):
        return False
    if recorded is None:
        return True
    event = recorded.event
    before = event.fact if isinstance(event, FactRefused) else event
    if before != entry.kind.model_validate_json(to_json(dict(entry.values))):
        return False
    # A report of a breach happened when its fact says; any other fact at its `t`, where that is given.
    own_time = "occurred_at" in entry.kind.model_fields
    happened = recorded.envelope.occurred_at
    return own_time or entry.t is None or read_instant("t", entry.t) == happened


def _refusal(answer: Answer) -> Refusal | None:
    return None if answer.refused_as is None else REFUSALS[answer.refused_as]
