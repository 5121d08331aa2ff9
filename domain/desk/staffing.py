"""A duty nobody has, or nobody can be reached on: on record, and before people, ahead of its time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from pydantic import AwareDatetime

from domain.desk.hands import DeskRole
from domain.desk.rota import Gap
from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream, done_at
from domain.facts.words import ShortText, StaffNumber, Word


class DutyUncovered(Event):
    """For a time, nobody has a role of a force; or, with `staff`, they have it and cannot be reached."""

    TOPIC = "spo.duty-uncovered.v1"
    desk_of: ShortText
    duty: DeskRole
    begins_at: AwareDatetime
    ends_at: AwareDatetime
    staff: tuple[StaffNumber, ...] = ()


class DutyCovered(Event):
    """Somebody has it now who can be reached."""

    TOPIC = "spo.duty-covered.v1"
    desk_of: ShortText
    duty: DeskRole


def duty_stream(force: str, role: DeskRole) -> UUID:
    return uuid5(NAMESPACE, f"duty:{force}:{role}")


@dataclass(slots=True)
class DutyRecord(Stream):
    """What is on record of one role of one force. A gap is said once, however often it is looked at."""

    said: list[DutyUncovered] = field(default_factory=list)

    def found(self, force: str, gap: Gap, now: datetime) -> None:
        """A gap; what is left of one that was said, as time goes on, says nothing new."""
        if any(_goes_on(known, gap) for known in self.said):
            return
        uncovered = DutyUncovered(
            desk_of=force, duty=gap.role, begins_at=gap.begin, ends_at=gap.end, staff=gap.staff
        )
        self._record(uncovered, _aside(force, now))

    def covered(self, force: str, role: DeskRole, now: datetime) -> None:
        if self.said:
            self._record(DutyCovered(desk_of=force, duty=role), _aside(force, now))

    def apply(self, recorded: RecordedEvent) -> None:
        match recorded.event:
            case DutyUncovered() as uncovered:
                known_at = recorded.envelope.recorded_at
                self.said = [each for each in self.said if each.ends_at > known_at] + [uncovered]
            case DutyCovered():
                self.said = []
            case _:
                pass


def _goes_on(known: DutyUncovered, gap: Gap) -> bool:
    return known.staff == gap.staff and known.begins_at <= gap.begin < known.ends_at


class PolicyTaken(Event):
    """From here on who is told is decided by this version of the policy file."""

    TOPIC = "spo.policy-taken.v1"
    number: int
    not_set_up: tuple[Word, ...] = ()
    """Channels by which it reaches people, and for which there are no settings."""


class PolicyRefused(Event):
    """The policy file was changed into one that cannot be taken; the one before it goes on."""

    TOPIC = "spo.policy-refused.v1"
    number_kept: int
    reason: ShortText


OF_STAFFING = frozenset(
    kind.TOPIC for kind in (DutyUncovered, DutyCovered, PolicyTaken, PolicyRefused)
)
"""No order, no alert: nothing of these is ever due."""

POLICY_STREAM = uuid5(NAMESPACE, "policy")


@dataclass(slots=True)
class PolicyRecord(Stream):
    """Which version of the policy file was taken when, and which change was not."""

    held: PolicyTaken | None = None
    reason: str | None = None

    def taken(self, number: int, not_set_up: Iterable[str], now: datetime) -> None:
        taken = PolicyTaken(number=number, not_set_up=tuple(sorted(not_set_up)))
        if taken != self.held or self.reason is not None:
            self._record(taken, _aside("", now))

    def refused(self, reason: str, now: datetime) -> None:
        short = reason[:200]
        if short != self.reason:
            kept = 0 if self.held is None else self.held.number
            self._record(PolicyRefused(number_kept=kept, reason=short), _aside("", now))

    def apply(self, recorded: RecordedEvent) -> None:
        match recorded.event:
            case PolicyTaken() as taken:
                self.held, self.reason = taken, None
            case PolicyRefused() as refused:
                self.reason = refused.reason
            case _:
                pass


def _aside(force: str, now: datetime) -> Envelope:
    return done_at(now, actor="staffing", role="staffing", force=force)
