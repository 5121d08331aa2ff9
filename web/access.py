"""Who is signed in, and what they may see: their own force's alerts, and those offered to it."""

from dataclasses import dataclass

from domain.desk.hands import DeskRole, Hand
from domain.desk.record import AlertOnRecord


@dataclass(frozen=True, slots=True)
class Person:
    """A person on duty, by number and never by name. `everywhere`: sees other forces' boards too."""

    staff: str
    role: DeskRole
    force: str
    terminal: str
    everywhere: bool = False

    @property
    def hand(self) -> Hand:
        return Hand(self.staff, self.role, self.force, self.terminal)


class NotSignedIn(Exception):
    """There is no session, or it has run out."""


class NotYours(Exception):
    """What was asked for belongs to another force, or does not exist: the two answer alike."""


def may_read(person: Person, case: AlertOnRecord) -> bool:
    """The force that has the alert, the one whose order it is, the one it is offered to."""
    offer = case.transfer.offer
    concerned = {case.force, offer.to_force if offer is not None else case.force}
    if case.raised is not None:
        concerned.add(case.raised.force)
    return person.force in concerned
