"""Our events as HM Prison and Probation Service writes domain events, for its services to read.

The form is that of github.com/ministryofjustice/hmpps-domain-events, schema/hmpps-domain-event.json as
of commit dba1e608: eventType, version and occurredAt must be there; description, detailUrl,
additionalInformation (an object) and personReference (identifiers, each with type and value) may be.
Types there are lower-case words with hyphens, in parts with dots, the last of which says what was done:
probation-case.registration.added. Subscribers choose by them.
"""

import re
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from consumers.relay_messages import QUARANTINE, topics_for
from domain.events import EVENT_TYPES
from domain.line_tests import LineTestBegun
from domain.published import Outgoing

SUBJECT = "stalking-protection-order"
_TOPIC = re.compile(r"spo\.(?P<words>[a-z0-9-]+)\.v(?P<version>[1-9][0-9]*)")
_DONE = re.compile(r"(?P<what>.+)-(?P<done>[a-z]*ed|made|kept)")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class AdditionalInformation(_Part):
    """Where the event stands in our register; what it says is asked there, with a reason."""

    event_id: UUID
    order_id: UUID
    order_version: int
    position: int
    recorded_at: datetime | None = None
    causation_id: UUID | None = None


class HmppsDomainEvent(_Part):
    """A thin domain event. It refers to no person: an identifier would say who has an order."""

    event_type: str
    version: int
    occurred_at: datetime
    description: str | None = None
    detail_url: str | None = None
    additional_information: AdditionalInformation


def hmpps_event(out: Outgoing, *, detail_url: str | None = None) -> HmppsDomainEvent | None:
    """The event in that form; None where it concerns nobody outside, or cannot be dated.

    `detail_url` is where whoever may know can read the rest.
    """
    occurred_at = out.occurred_at or out.recorded_at
    if out.order_id is None or occurred_at is None or not goes_out(out.event.topic):
        return None
    return HmppsDomainEvent(
        event_type=event_type(out.event.topic),
        version=_version(out.event.topic),
        occurred_at=occurred_at,
        description=description(out.event.topic),
        detail_url=detail_url,
        additional_information=AdditionalInformation(
            event_id=out.event.event_id,
            order_id=out.order_id,
            order_version=out.event.version,
            position=out.event.position,
            recorded_at=out.recorded_at,
            causation_id=out.causation_id,
        ),
    )


def as_sent(event: HmppsDomainEvent) -> bytes:
    """The message's body. Its `eventType` belongs beside it too, as the attribute to filter by."""
    return event.model_dump_json(by_alias=True, exclude_none=True).encode()


def goes_out(topic: str) -> bool:
    """Whether an event of that topic is told to anyone but our own people."""
    outside = topics_for(topic)
    known = topic in EVENT_TYPES and topic != LineTestBegun.TOPIC
    return known and bool(outside) and QUARANTINE not in outside


def event_type(topic: str) -> str:
    """spo.breach-recorded.v1 is stalking-protection-order.breach.recorded."""
    words = _read(topic)["words"]
    done = _DONE.fullmatch(words)
    return ".".join([SUBJECT, *(done.group("what", "done") if done else [words])])


def description(topic: str) -> str:
    """What such an event means, in one sentence that is the same for every one of them."""
    return (EVENT_TYPES[topic].__doc__ or "").split("\n\n", 1)[0].strip()


def _version(topic: str) -> int:
    return int(_read(topic)["version"])


def _read(topic: str) -> re.Match[str]:
    read = _TOPIC.fullmatch(topic)
    if read is None:
        msg = f"{topic} is no topic of an event"
        raise ValueError(msg)
    return read
