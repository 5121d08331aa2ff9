"""Who is signed in, and how they stand to a record; what that allows is the table's (`domain.access`)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.access import MACHINES, USUAL, Action, Asked, Relation, Role, State
from domain.access_table import allowed
from domain.consultations import Purpose
from domain.desk.hands import DeskRole, Hand
from domain.events import Envelope, done_at
from domain.forces import same_force


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, by number and never by name. `everywhere`: sees other forces' boards too."""

    staff: str
    role: Role
    force: str
    terminal: str
    everywhere: bool = False

    @property
    def hand(self) -> Hand:
        """Who acts at the desk. Raises `NotForRole` where nobody of that role stands at one."""
        try:
            return Hand(self.staff, DeskRole(str(self.role)), self.force, self.terminal)
        except ValueError:
            raise NotForRole(self.role) from None

    @property
    def usual_purpose(self) -> Purpose | None:
        return USUAL.get(self.role)

    def of_force(self, *forces: str) -> bool:
        """Whether one of them is the person's own, however it is written. Some machines serve every force."""
        if self.everywhere and self.role in MACHINES:
            return True
        return any(same_force(self.force, force) for force in forces)

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


class NotSignedIn(Exception):
    """There is no session, or it has run out."""


class NotYours(Exception):
    """What was asked for belongs to another force, or does not exist: the two answer alike."""


class NotForRole(Exception):
    """Nobody of that role may do it, on any record."""

    def __init__(self, role: Role) -> None:
        super().__init__(str(role))
        self.role = role


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands to one record."""

    relation: Relation
    state: State


def must_be_allowed(
    person: Person, action: Action, standing: Standing, purpose: Purpose | None = None
) -> None:
    """Raises `NotYours` where the table does not allow it."""
    if not allowed(Asked(person.role, action, standing.relation, standing.state, purpose)):
        raise NotYours
