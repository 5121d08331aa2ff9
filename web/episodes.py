"""The open alerts about one person, as their pages tell of them: one pattern, not one act after another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.access import Action
from domain.access_table import may_ever
from domain.alerts import AlertCode
from web.access import Person
from web.board_rows import BoardRow, forces_of
from web.standing import looks_through_glass
from web.system import System


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """`opens`: whether who looks may open it; an alert of another force is told of, and leads nowhere."""

    row: BoardRow
    opens: bool


def open_about(
    system: System, person: Person, subject: UUID | None, now: datetime
) -> Sequence[OpenAlert]:
    """Every open alert about that person, in the order of the board."""
    rows = system.board.about(subject)
    through_glass = bool(rows) and looks_through_glass(system, person, subject, now)
    return [OpenAlert(row, _opens(person, row, through_glass=through_glass)) for row in rows]


def _opens(person: Person, row: BoardRow, *, through_glass: bool) -> bool:
    """An alert's page is its briefing; one about broken glass is the reviewers'."""
    of_glass = row.raised.code is AlertCode.GLASS_BROKEN
    action = Action.REVIEW_GLASS if of_glass else Action.READ_BRIEFING
    forces = forces_of(row)
    theirs = through_glass or person.of_force(*forces) or not any(forces)
    return theirs and may_ever(person.role, action)
