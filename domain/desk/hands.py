"""Who acts at a desk: the person by number, in what role, for which force, at which terminal."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.events import Envelope, done_at


class DeskRole(StrEnum):
    """What a person on duty answers for."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    SPOC = "spoc"
    DUTY_OFFICER = "duty_officer"
    OFFENDER_MANAGER = "offender_manager"
    VICTIM_LIAISON = "victim_liaison"


SUPERVISES = frozenset({DeskRole.SUPERVISOR, DeskRole.DUTY_OFFICER})
"""Who may lower a priority, or close an alert on which something is left undone."""


@dataclass(frozen=True, slots=True)
class Hand:
    """The person who does it. `staff` is a collar or payroll number, never a name."""

    staff: str
    role: DeskRole
    force: str
    terminal: str

    @property
    def supervises(self) -> bool:
        return self.role in SUPERVISES

    def envelope(self, now: datetime, subject_id: UUID | None = None) -> Envelope:
        """The envelope of what this person does now."""
        return done_at(
            now,
            actor=self.staff,
            role=str(self.role),
            force=self.force,
            terminal=self.terminal,
            subject_id=subject_id,
        )
