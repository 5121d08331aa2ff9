"""Small events of every shape the log must carry, and a place to put them."""

from datetime import UTC, date, datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.events import Envelope, Event, RecordedEvent
from domain.personal import DefendantText, ProtectedText

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
ORDER = UUID(int=0xA1)
DEFENDANT = UUID(int=0xD1)


class PatrolNoted(Event):
    """Nothing personal in it."""

    TOPIC = "test.patrol-noted.v1"
    occurred_at: AwareDatetime
    area: str
    next_on: date | None = None
    visits: tuple[int, ...] = ()


class Person(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    name: ProtectedText
    place: ProtectedText | None = None


class ContactReported(Event):
    """Words about the defendant and about two protected people, some of them nested."""

    TOPIC = "test.contact-reported.v1"
    narrative: DefendantText
    alias: DefendantText | None = None
    told_by: Person | None = None
    others: tuple[Person, ...] = ()
    words: dict[str, ProtectedText] = Field(default_factory=dict)


class NameLearned(Event):
    """The newest of three ways this was told; `test.name-used.v1` and `.v2` are the old ones."""

    TOPIC = "test.name-learned.v1"
    since: date | None
    alias: DefendantText
    name: DefendantText


def envelope(subject: UUID | None = DEFENDANT) -> Envelope:
    return Envelope(occurred_at=NOON, recorded_at=NOON, entered_at=NOON, subject_id=subject)


def recorded(event: Event, *, version: int = 1, stream: UUID = ORDER) -> RecordedEvent:
    return RecordedEvent(stream, version, envelope(), event)


def patrol(version: int = 1, stream: UUID = ORDER) -> RecordedEvent:
    return recorded(PatrolNoted(occurred_at=NOON, area="Dover"), version=version, stream=stream)


def contact(narrative: str = "rang twice", **words: object) -> ContactReported:
    return ContactReported.model_validate({"narrative": narrative, **words})
