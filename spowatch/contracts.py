"""The contracts with everyone at the broker: JSON Schemas and an AsyncAPI 3 document, from the code."""

from typing import Any

from pydantic import BaseModel

from consumers.hmpps_envelope import HmppsDomainEvent
from consumers.intake import INTAKE
from consumers.relay_messages import (
    ALERT_OUTCOME,
    ALERT_REQUESTED,
    ORDER_EVENTS,
    QUARANTINE,
    EventReference,
    MessageInQuarantine,
)
from domain.facts import Fact
from domain.vocabulary import FACT_TYPES
from spowatch.kafka.topics import Topic, TopicsFile

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
OUTGOING: dict[str, type[BaseModel]] = {
    ORDER_EVENTS: EventReference,
    ALERT_REQUESTED: EventReference,
    ALERT_OUTCOME: EventReference,
    QUARANTINE: MessageInQuarantine,
}
HMPPS = "hmpps-domain-event"
"""On no topic of ours: what a channel to the prison and probation services sends."""

_HEADERS = {
    "ce_specversion": "CloudEvents 1.0",
    "ce_id": "The event's id; the same event always has the same",
    "ce_source": "Whose log it is from",
    "ce_type": "The event's topic in the log, with its version",
    "ce_subject": "The stream the event stands in",
    "ce_sequence": "Its position in the log",
    "ce_ordersequence": "Its version in its stream",
    "ce_partitionkey": "The order's id, which is the record's key",
}


def schemas() -> dict[str, Schema]:
    """The JSON Schema of the records of each topic."""
    outgoing = {topic: _titled(topic, kind.model_json_schema()) for topic, kind in OUTGOING.items()}
    return {INTAKE: _titled(INTAKE, intake_schema()), **outgoing}


def adapted_schemas() -> dict[str, Schema]:
    """The JSON Schemas of our events in the forms of others."""
    return {HMPPS: _titled(HMPPS, HmppsDomainEvent.model_json_schema(by_alias=True))}


def intake_schema() -> Schema:
    """One fact of one order; what each type of fact may say."""
    definitions: Schema = {}
    options = [_fact_schema(name, kind, definitions) for name, kind in sorted(FACT_TYPES.items())]
    text = {"type": "string", "maxLength": 200}
    return {
        "description": "A fact stated on an order, told once for each `command_id`.",
        "type": "object",
        "required": ["order", "t", "type"],
        "properties": {
            "order": text | {"description": "The force's order reference"},
            "t": {"type": "string", "format": "date-time", "description": "With an offset"},
            "type": {"enum": sorted(FACT_TYPES)},
            "command_id": text | {"description": "The idempotency key"},
            "actor": text,
            "role": text,
            "force": text,
            "person": text,
            "data": {"type": "object"},
        },
        "additionalProperties": False,
        "oneOf": options,
        "$defs": dict(sorted(definitions.items())),
    }


def _fact_schema(name: str, kind: type[Fact], definitions: Schema) -> Schema:
    data = kind.model_json_schema(ref_template="#/$defs/{model}")
    definitions |= data.pop("$defs", {})
    data["properties"] = data.get("properties", {}) | _KNOWN_LATER
    definitions[name] = data
    needed = ["data"] if data.get("required") else []
    return {
        "required": ["type", *needed],
        "properties": {"type": {"const": name}, "data": {"$ref": f"#/$defs/{name}"}},
    }


_KNOWN_LATER = {
    "recorded_at": {"type": "string", "format": "date-time", "description": "When it became known"},
    "order_ref": {"type": "string", "maxLength": 200},
}


def _titled(topic: str, schema: Schema) -> Schema:
    return {"$schema": DIALECT, "$id": f"urn:spowatch:{topic}", "title": topic} | {
        key: value for key, value in schema.items() if key != "title"
    }


def asyncapi(topics: TopicsFile, version: str) -> Schema:
    """Every topic with its settings, its records, and what we do with it."""
    ours = schemas()
    known = {name: topic for name, topic in topics.topics.items() if name in ours}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "spowatch over Apache Kafka",
            "version": version,
            "description": "Thin records: references to the register, nothing personal.",
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(name, topic, topics) for name, topic in known.items()},
        "operations": {_operation(name): _doing(name) for name in known},
        "components": {"messages": {name: _message(name) for name in known} | {HMPPS: _adapted()}},
    }


def _channel(name: str, topic: Topic, topics: TopicsFile) -> Schema:
    binding = {
        "topic": name,
        "partitions": topic.partitions,
        "replicas": topics.copies,
        "topicConfiguration": {"retention.ms": int(topics.settings_of(topic)["retention.ms"])},
        "bindingVersion": "0.5.0",
    }
    return {
        "address": name,
        "description": topic.holds,
        "messages": {"record": {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"kafka": binding},
    }


def _message(name: str) -> Schema:
    headers = {key: {"type": "string", "description": said} for key, said in _HEADERS.items()}
    outgoing = name in OUTGOING
    return {
        "name": name,
        "contentType": "application/json",
        **({"headers": {"type": "object", "properties": headers}} if outgoing else {}),
        "payload": {"$ref": f"./schemas/{name}.json"},
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": "0.5.0"}},
    }


def _adapted() -> Schema:
    return {
        "name": HMPPS,
        "contentType": "application/json",
        "summary": "An event as HMPPS writes domain events; see hmpps-events.md",
        "payload": {"$ref": f"./schemas/{HMPPS}.json"},
    }


def _operation(name: str) -> str:
    return f"{'send' if name in OUTGOING else 'receive'}-{name}"


def _doing(name: str) -> Schema:
    return {
        "action": "send" if name in OUTGOING else "receive",
        "channel": {"$ref": f"#/channels/{name}"},
    }
