"""What a record for the broker holds: exactly what its published model says, of what concerns others."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from consumers.relay_messages import EventReference, event_of, messages_of
from domain.desk.events import AlertHeld
from domain.facts.breaches import BreachReported
from domain.published import OrderEvent, Outgoing

NOON = datetime(2026, 3, 4, 12, 0, 0, 125_000, tzinfo=UTC)


@pytest.mark.parametrize("at", [None, NOON, NOON.replace(microsecond=0)])
def test_a_record_says_what_its_published_model_says(at: datetime | None) -> None:
    event = OrderEvent(7, BreachReported.TOPIC, uuid4(), 3)
    [message] = messages_of(Outgoing(event, event.stream_id, at, at, uuid4()), "uk.")
    told = EventReference.model_validate_json(message.value)
    assert message.value == told.model_dump_json().encode()
    assert (told.event_id, told.order_id) == (event.event_id, event.stream_id)
    assert (told.version, told.occurred_at, told.recorded_at) == (3, at, at)
    assert event_of(message.headers, message.key) == event
    assert message.event_id == dict(message.headers)["ce_id"]


def test_what_concerns_nobody_outside_becomes_no_record() -> None:
    of_the_desk = OrderEvent(7, AlertHeld.TOPIC, uuid4(), 2)
    of_a_person = OrderEvent(8, BreachReported.TOPIC, uuid4(), 3)
    assert not messages_of(Outgoing(of_the_desk, uuid4(), NOON))
    assert not messages_of(Outgoing(of_a_person, None, NOON))
