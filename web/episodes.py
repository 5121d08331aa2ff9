"""The open alerts about one person, as their pages tell of them: one pattern, not one act after another."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.access import Action
from domain.access_table import may_ever
from domain.alerts import AlertCode
from domain.findings import BreachRecorded
from domain.orders import StalkingProtectionOrder
from web.access import Person
from web.board_rows import BoardRow, forces_of
from web.standing import looks_through_glass
from web.system import System


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """`opens`: whether who looks may open it; an alert of another force is told of, and leads nowhere."""

    row: BoardRow
    opens: bool


@dataclass(frozen=True, slots=True)
class Act:
    """An open breach in the timeline of its episode. `happened_at` is None where its report is gone."""

    alert: OpenAlert
    happened_at: datetime | None

    @property
    def when(self) -> datetime:
        return self.happened_at or self.alert.row.raised.raised_at


def episode(system: System, alerts: Sequence[OpenAlert]) -> Sequence[Act]:
    """The breaches among the open alerts about one person, by when they happened, the newest first."""
    found = [each for each in alerts if each.row.episode is not None]
    orders = {each.row.raised.order_id for each in found}
    times = {
        cause: at
        for identity in orders
        for cause, at in _times(system.register.order_by_id(identity))
    }
    acts = [Act(each, times.get(each.row.raised.cause)) for each in found]
    return sorted(acts, key=lambda act: act.when, reverse=True)


def _times(order: StalkingProtectionOrder) -> Iterator[tuple[UUID, datetime]]:
    """When each breach on the order happened, by its finding."""
    happened = {fact.originator_version: fact.envelope.occurred_at for fact in order.facts}
    for found in (*order.standing.values(), *order.withdrawn):
        if isinstance(found.event, BreachRecorded):
            yield found.event_id, happened[found.event.report_version]


def open_about(
    system: System,
    person: Person,
    subject: UUID | None,
    orders: Iterable[StalkingProtectionOrder],
    now: datetime,
) -> Sequence[OpenAlert]:
    """Every open alert about that person on these orders, in the order of the board.

    That of these orders something is told is on record before it is shown.
    """
    told = {order.id for order in orders}
    rows = [row for row in system.board.about(subject) if row.raised.order_id in told]
    through_glass = bool(rows) and looks_through_glass(system, person, subject, now)
    return [OpenAlert(row, _opens(person, row, through_glass=through_glass)) for row in rows]


def _opens(person: Person, row: BoardRow, *, through_glass: bool) -> bool:
    """An alert's page is its briefing; one about broken glass is the reviewers'."""
    of_glass = row.raised.code is AlertCode.GLASS_BROKEN
    action = Action.REVIEW_GLASS if of_glass else Action.READ_BRIEFING
    forces = forces_of(row)
    theirs = through_glass or person.of_force(*forces) or not any(forces)
    return theirs and may_ever(person.role, action)
