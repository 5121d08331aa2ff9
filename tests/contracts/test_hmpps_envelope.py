"""Against the form that HMPPS publishes; the source is named in consumers/hmpps_envelope.py."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict

from consumers.hmpps_envelope import as_sent, event_type, goes_out, hmpps_event
from domain.events import EVENT_TYPES
from domain.published import Outgoing
from spowatch.contracts import HMPPS, adapted_schemas
from spowatch.open_store import Store
from spowatch.store.outgoing_reader import OutgoingReader
from spowatch.wiring.log import whole_reader
from tests.stories import breach, served_order, store_at, tell


class Identifier(BaseModel):
    type: str
    value: str


class PersonReference(BaseModel):
    identifiers: list[Identifier] = []


class Theirs(BaseModel):
    """What their schema asks for, in our own words."""

    model_config = ConfigDict(strict=True, extra="forbid")

    eventType: str  # noqa: N815 - their names
    version: int
    occurredAt: AwareDatetime  # noqa: N815 - as it is on the wire
    description: str = ""
    detailUrl: str = ""  # noqa: N815 - as it is on the wire
    additionalInformation: dict[str, Any] = {}  # noqa: N815 - as it is on the wire
    personReference: PersonReference = PersonReference()  # noqa: N815 - as it is on the wire


PERSONAL = ("Alan", "Vera", "High Street", "Hidden Lane", "1992-03-04", "KENT-1")
OURS = {topic for topic, kind in EVENT_TYPES.items() if kind.__module__.startswith("domain.")}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as opened:
        tell(opened, "KENT-1", *served_order(), breach())
        yield opened


def outgoing(store: Store) -> list[Outgoing]:
    return list(OutgoingReader(whole_reader(store.log), store.log).read(0, limit=100, wait=0))


def sent(store: Store) -> list[dict[str, Any]]:
    events = (hmpps_event(each, detail_url="https://spo.example/1") for each in outgoing(store))
    return [json.loads(as_sent(event)) for event in events if event is not None]


def test_every_event_of_an_order_has_their_form_and_ours(store: Store) -> None:
    told = sent(store)
    assert len(told) >= 7
    for each in told:
        Theirs.model_validate_json(json.dumps(each))
    types = {each["eventType"] for each in told}
    assert "stalking-protection-order.breach.recorded" in types
    assert "stalking-protection-order.full-order.granted" in types


def test_the_published_schema_promises_no_less_than_theirs() -> None:
    ours = adapted_schemas()[HMPPS]
    assert {"eventType", "version", "occurredAt"} <= set(ours["required"])
    assert set(ours["properties"]) <= set(Theirs.model_fields)


def test_nothing_personal_and_no_reference_of_a_force_goes_out(store: Store) -> None:
    told = json.dumps(sent(store))
    assert not [word for word in PERSONAL if word in told]
    assert "personReference" not in told


@pytest.mark.parametrize("topic", sorted(OURS))
def test_a_type_is_written_as_theirs_are_and_no_other_event_has_it(topic: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+){1,2}", event_type(topic))
    assert [each for each in OURS if event_type(each) == event_type(topic)] == [topic]


def test_what_is_only_ours_to_know_stays_here(store: Store) -> None:
    event = outgoing(store)[-1]
    unread = replace(event, event=replace(event.event, topic="spo.message-unread.v1"))
    unknown = replace(event, event=replace(event.event, topic="spo.unheard-of.v1"))
    undated = replace(event, occurred_at=None, recorded_at=None)
    assert [hmpps_event(each) for each in (unread, unknown, undated)] == [None, None, None]
    assert hmpps_event(replace(event, order_id=None)) is None
    assert goes_out("spo.breach-recorded.v1")
