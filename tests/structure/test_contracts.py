"""What was promised at the broker is kept: the gate that a breaking change does not pass."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from consumers.intake import INTAKE
from spowatch.contracts import OUTGOING, asyncapi, schemas
from spowatch.kafka.topics import read_topics
from tests.contracts.compatibility import Schema, refused_by

RELEASED = Path(__file__).parents[1] / "contracts" / "released"
"""The schemas of every release, by topic. Written once, when a topic is released."""

TOPICS = Path(__file__).parents[2] / "deploy" / "kafka" / "topics.yaml"
NOW = schemas()


def released(topic: str) -> Schema:
    read: Schema = json.loads((RELEASED / f"{topic}.json").read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("topic", sorted(OUTGOING))
def test_whoever_reads_by_the_released_schema_can_read_what_we_send_now(topic: str) -> None:
    assert list(refused_by(released(topic), NOW[topic])) == []


def facts_of(intake: Schema) -> dict[str, Schema]:
    """Each type of fact as a schema by itself."""
    named = [option["properties"]["type"]["const"] for option in intake["oneOf"]]
    return {name: intake["$defs"][name] | {"$defs": intake["$defs"]} for name in named}


@pytest.mark.parametrize("fact", sorted(facts_of(released(INTAKE))))
def test_whoever_sends_by_the_released_schema_is_still_understood(fact: str) -> None:
    assert list(refused_by(facts_of(NOW[INTAKE])[fact], facts_of(released(INTAKE))[fact])) == []


def test_a_command_is_still_framed_as_it_was() -> None:
    def frame(intake: Schema) -> Schema:
        return {k: intake[k] for k in ("type", "required", "properties", "additionalProperties")}

    assert list(refused_by(frame(NOW[INTAKE]), frame(released(INTAKE)))) == []


def changed(schema: Schema, path: str, value: Any) -> Schema:
    """A copy in which what stands at `path` is `value`, or is gone when that is None."""
    copy = deepcopy(schema)
    place = copy
    *way, last = path.split("/")
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return copy


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("required", ["event_id", "order_id"]),
        ("properties/version/type", "string"),
        ("properties/offset/type", "number"),
    ],
)
def test_a_breaking_change_of_what_we_send_is_seen(path: str, value: Any) -> None:
    topic = "spo.quarantine.v1"
    assert list(refused_by(released(topic), changed(NOW[topic], path, value)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("required", ["occurred_at", "condition", "narrative"]),
        ("properties/occurred_at/type", "integer"),
        ("properties/markers", None),
    ],
)
def test_a_breaking_change_of_what_we_take_is_seen(path: str, value: Any) -> None:
    fact = facts_of(NOW[INTAKE])["BreachReported"]
    assert list(refused_by(changed(fact, path, value), fact))


def test_a_new_field_that_may_be_missing_breaks_nobody() -> None:
    fact = facts_of(NOW[INTAKE])["BreachReported"]
    more = changed(fact, "properties/weather", {"type": "string"})
    assert list(refused_by(more, fact)) == []
    sent = changed(NOW["spo.order.events.v1"], "properties/weather", {"type": "string"})
    assert list(refused_by(NOW["spo.order.events.v1"], sent)) == []


def test_every_topic_of_the_topics_file_is_in_the_document_with_its_records() -> None:
    document = asyncapi(read_topics(TOPICS), "1.0.0")
    assert set(document["channels"]) == set(read_topics(TOPICS).topics) == set(NOW)
    for name, channel in document["channels"].items():
        assert channel["messages"]["record"]["$ref"] == f"#/components/messages/{name}"
        assert document["components"]["messages"][name]["payload"]["$ref"].endswith(f"{name}.json")
    assert {each["action"] for each in document["operations"].values()} == {"send", "receive"}


def test_the_schemas_name_no_person() -> None:
    for topic in OUTGOING:
        assert "name" not in NOW[topic]["properties"]
        assert "narrative" not in json.dumps(NOW[topic])
