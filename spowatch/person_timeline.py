"""One person's timeline over all their orders: the pattern, not one breach by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.events import Event, RecordedEvent
from domain.facts import Fact
from domain.orders import StalkingProtectionOrder
from projections.arrest_board import alerts_about
from projections.store import SheetStore
from spowatch.log_pages import stream
from spowatch.open_store import Store
from spowatch.wording.timeline import in_words


@dataclass(slots=True)
class Moment:
    """What happened, on which orders; `alert` is the alert it was done on, where it was."""

    occurred_at: datetime
    recorded_at: datetime
    what: str
    topic: str
    actor: str
    orders: list[str] = field(default_factory=list)
    alert: UUID | None = None


def person_timeline(
    store: Store, subject: UUID, orders: Sequence[StalkingProtectionOrder], board: SheetStore
) -> list[Moment]:
    """By when it happened. What was said of the person once, and stands on each order, is one moment.

    `orders` are those whose reading the caller has put on record: it holds their personal data, and of
    no other. `board` is the arrest board, brought up to the log.
    """
    read = {order.reference: order.id for order in orders}
    found: dict[tuple[object, ...], Moment] = {}
    for reference, identity in read.items():
        recorded = stream(store, identity)
        by_version = {each.originator_version: each.event for each in recorded}
        for each in recorded:
            _add(found, each, in_words(each.event, by_version), reference)
    for alert in alerts_about(board, subject):
        if alert.reference not in read:
            continue
        for each in stream(store, alert.alert_id):
            _add(found, each, _at_the_desk(each), alert.reference, alert.alert_id)
    return sorted(found.values(), key=lambda moment: (moment.occurred_at, moment.recorded_at))


def _add(
    found: dict[tuple[object, ...], Moment],
    each: RecordedEvent,
    what: str,
    reference: str,
    alert: UUID | None = None,
) -> None:
    moment = found.setdefault(_same(each), _moment(each, what, alert))
    if reference not in moment.orders:
        moment.orders.append(reference)


def _same(each: RecordedEvent) -> tuple[object, ...]:
    """A fact said once of the person stands on every order in the same words and at the same time."""
    if isinstance(each.event, Fact):
        return each.topic, each.envelope.occurred_at, each.event.model_dump_json()
    return each.originator_id, each.originator_version


def _moment(each: RecordedEvent, what: str, alert: UUID | None) -> Moment:
    told = each.envelope
    return Moment(told.occurred_at, told.recorded_at, what, each.topic, told.actor, [], alert)


def _at_the_desk(each: RecordedEvent[Event]) -> str:
    return f"At the desk: {in_words(each.event)}"
