"""Writes an example for every event that has none; never touches one that exists."""

import json
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any
from uuid import UUID

import domain
from domain.events import EVENT_TYPES, Envelope, Event, RecordedEvent
from domain.personal import HoldsAnyFact
from spowatch.store.mapper import EventMapper

HERE = Path(__file__).parent
_STREAM = UUID("00000000-0000-5000-8000-000000000001")
_MOMENT = "2026-11-21T02:14:00Z"
_WORDS = {
    "code": "P-ZONE-DIST",
    "condition": "P-ZONE-DIST",
    "conditions": "P-ZONE-DIST",
    "removes": "P-ZONE-DIST",
    "fact_type": "NameUsed",
    "regime": "EW-SPA-2019",
}
"""Words for fields that do not take any word."""
_BY_TYPE = {"integer": 3, "number": 3, "boolean": True}
_BY_FORMAT = {"date": "2026-11-21", "date-time": _MOMENT, "uuid": str(_STREAM)}


def example(kind: type[Event]) -> Event:
    """An event with every field filled."""
    schema = kind.model_json_schema()
    values = _object(schema, schema)
    if issubclass(kind, HoldsAnyFact):
        values["fact"] = {"name": "A B"}
    return kind.model_validate_json(json.dumps(values))


def _object(part: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    properties = part.get("properties", {})
    return {name: _value(each, root, name) for name, each in properties.items()}


def _value(part: dict[str, Any], root: dict[str, Any], name: str) -> Any:
    if "anyOf" in part:
        part = next(each for each in part["anyOf"] if each.get("type") != "null")
    if "$ref" in part:
        part = root["$defs"][part["$ref"].rsplit("/", 1)[1]]
    if "const" in part or "enum" in part:
        return part["const"] if "const" in part else part["enum"][0]
    if part.get("type") == "object":
        return _object(part, root)
    if part.get("type") == "array":
        return [_value(part.get("items", {}), root, name)]
    if part.get("type") in _BY_TYPE:
        return _BY_TYPE[part["type"]]
    return _BY_FORMAT.get(part.get("format", ""), _WORDS.get(name, "word"))


def stored(event: Event) -> bytes:
    """The event as the log would hold it, nothing sealed."""
    moment = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
    envelope = Envelope(
        occurred_at=moment,
        recorded_at=moment,
        entered_at=moment,
        subject_id=_STREAM,
        actor="officer",
        role="court_liaison",
        force="Kent",
        correlation_id=_STREAM,
        causation_id=_STREAM,
        law="EW-SPA-2019",
        command_id="command-1",
    )
    recorded = RecordedEvent(_STREAM, 1, envelope, event)
    return EventMapper(None, upcasters={}).to_stored_event(recorded).state


def main() -> None:
    for module in walk_packages(domain.__path__, "domain."):
        import_module(module.name)
    for topic, kind in EVENT_TYPES.items():
        path = HERE / f"{topic}.json"
        if topic.startswith("spo.") and not path.exists():
            path.write_bytes(stored(example(kind)) + b"\n")


if __name__ == "__main__":
    main()
