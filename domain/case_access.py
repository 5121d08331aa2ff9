"""Who may not see a person's case though their role would, and who saw it though their force would not.

Everything on record of access to one person's case: officers who are in it themselves, and glass that
was broken to read a record of another force. Each person's is a stream of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5

from pydantic import AwareDatetime, Field

from domain.deadlines import Agenda, Deadline, DeadlineKind
from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream
from domain.facts.words import ShortText, StaffNumber
from domain.personal import DefendantText

OPEN_FOR = timedelta(minutes=60)
REVIEW_WITHIN = timedelta(hours=24)
SHORTEST_REASON = 20
"""Characters."""
_BASIS = "DPA 2018 s.62"


class ReasonTooShort(ValueError):
    """Nobody could judge by that whether it was right."""


class OfficerLinked(Event):
    """An officer is in the case themselves, or too close to it: they see nothing of it from now on."""

    TOPIC = "spo.officer-linked.v1"
    staff: StaffNumber
    as_: Literal["subject", "protected", "conflict"]
    force: ShortText | None = Field(default=None, json_schema_extra={"since": "0.2.0"})
    """Whose number that is; of whichever force, where it was not said."""


class OfficerUnlinked(Event):
    """That was an error, or is no longer so."""

    TOPIC = "spo.officer-unlinked.v1"
    staff: StaffNumber
    force: ShortText | None = Field(default=None, json_schema_extra={"since": "0.2.0"})


class GlassBroken(Event):
    """Somebody of another force opened the case to themselves, for an hour, and said why."""

    TOPIC = "spo.glass-broken.v1"
    staff: StaffNumber
    force: ShortText
    reference: ShortText
    owner: ShortText
    reason: DefendantText
    open_until: AwareDatetime
    review_by: AwareDatetime


class GlassReviewed(Event):
    """A reviewer of the force whose case it is judged whether it was right."""

    TOPIC = "spo.glass-reviewed.v1"
    glass: int
    justified: bool
    comment: DefendantText | None = None


class GlassReviewOverdue(Event):
    """Nobody judged it within a day."""

    TOPIC = "spo.glass-review-overdue.v1"
    glass: int


OF_CASE_ACCESS = frozenset(
    kind.TOPIC
    for kind in (OfficerLinked, OfficerUnlinked, GlassBroken, GlassReviewed, GlassReviewOverdue)
)


def case_access_stream(person: UUID) -> UUID:
    return uuid5(NAMESPACE, f"case-access:{person}")


@dataclass(frozen=True, slots=True)
class Glass:
    """One breaking of it, by the version at which it is on record."""

    version: int
    broken: GlassBroken
    overdue: bool = False


@dataclass(slots=True)
class CaseAccess(Stream):
    """What is on record of access to one person's case."""

    person: UUID | None = None
    linked: dict[tuple[str, str | None], str] = field(default_factory=dict)
    """How each is in the case, by number and by the force whose number that is."""
    glasses: list[Glass] = field(default_factory=list)
    unreviewed: dict[int, Glass] = field(default_factory=dict)
    reference: str = ""
    force: str = ""
    """Of the order through which the glass was broken last, and whose that is."""

    def link(self, linked: OfficerLinked, envelope: Envelope) -> None:
        """Linked twice as the same, nothing more is recorded."""
        if self.linked.get((linked.staff, linked.force)) != linked.as_:
            self._record(linked, envelope)

    def unlink(self, staff: str, force: str, envelope: Envelope) -> None:
        """Also where it was closed to that number of whichever force."""
        for of in (force, None):
            if (staff, of) in self.linked:
                self._record(OfficerUnlinked(staff=staff, force=of), envelope)

    def closed_to(self, staff: str, force: str) -> bool:
        """Two forces may give one number; each is closed out by their own."""
        return (staff, force) in self.linked or (staff, None) in self.linked

    def break_glass(self, broken: GlassBroken, envelope: Envelope) -> int:
        """The version it is on record at; of glass that is open already, that one's.

        Raises `ReasonTooShort`.
        """
        if len(broken.reason.strip()) < SHORTEST_REASON:
            raise ReasonTooShort
        open_now = self.opened_to(broken.staff, broken.force, envelope.recorded_at)
        if open_now is not None:
            return open_now.version
        return self._record(broken, envelope).originator_version

    def review(self, reviewed: GlassReviewed, envelope: Envelope) -> bool:
        """Whether it was still to be judged."""
        if reviewed.glass not in self.unreviewed:
            return False
        self._record(reviewed, envelope)
        return True

    def opened_to(self, staff: str, force: str, now: datetime) -> Glass | None:
        """The glass through which that person of that force sees the case now."""
        who = (staff, force)
        seen = (each for each in self.glasses if (each.broken.staff, each.broken.force) == who)
        return next((each for each in seen if now < each.broken.open_until), None)

    def advance(self, now: datetime) -> None:
        """Conclude what the clock brings."""
        for glass in list(self.unreviewed.values()):
            due = glass.broken.review_by
            if not glass.overdue and due <= now:
                self._record(GlassReviewOverdue(glass=glass.version), _aside(due, now, self.person))

    def agenda(self) -> Agenda:
        return Agenda(self.version, 1, sorted(self._due(), key=lambda each: each.due_at))

    def _due(self) -> Iterator[Deadline]:
        for glass in self.unreviewed.values():
            if not glass.overdue:
                about, due = f"glass {glass.version}", glass.broken.review_by
                yield Deadline(DeadlineKind.GLASS_REVIEW, about, due, _BASIS)

    def apply(self, recorded: RecordedEvent) -> None:
        self.person = self.person or recorded.envelope.subject_id
        match recorded.event:
            case OfficerLinked() as linked:
                self.linked[linked.staff, linked.force] = linked.as_
            case OfficerUnlinked() as unlinked:
                self.linked.pop((unlinked.staff, unlinked.force), None)
            case GlassBroken() as broken:
                glass = Glass(recorded.originator_version, broken)
                self.glasses.append(glass)
                self.unreviewed[glass.version] = glass
                self.reference, self.force = broken.reference, broken.owner
            case GlassReviewed() as reviewed:
                self.unreviewed.pop(reviewed.glass, None)
            case GlassReviewOverdue() as overdue if overdue.glass in self.unreviewed:
                late = self.unreviewed[overdue.glass]
                self.unreviewed[overdue.glass] = Glass(late.version, late.broken, overdue=True)
            case _:
                pass


def _aside(due: datetime, now: datetime, person: UUID | None) -> Envelope:
    return Envelope(
        occurred_at=due,
        recorded_at=now,
        entered_at=now,
        subject_id=person,
        actor="clock",
        role="register",
    )
