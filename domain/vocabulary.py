"""Reads a fact as people and systems write it: `{"t", "type", "data"}` (docs/reference/facts.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from domain.events import EVENT_TYPES, Envelope
from domain.facts import Fact, breaches, court, managing, notification, person, service
from domain.plausible import EARLIEST, LATEST, oddities

# A fact is known once its module is imported, and this names those modules as used.
_PARTS = (court, service, notification, person, managing, breaches)
FACT_TYPES: Mapping[str, type[Fact]] = MappingProxyType(
    {kind.__name__: kind for kind in EVENT_TYPES.values() if issubclass(kind, Fact)}
)
"""Every fact type by the name it has in a facts file."""

_FACT_KEYS = frozenset(
    {"t", "type", "data", "order", "actor", "role", "force", "command_id", "person"}
)
_ROUTING_KEYS = ("recorded_at", "order_ref")
_INSTANT = TypeAdapter(AwareDatetime)
_LONGEST_REFERENCE = 200
_FIRST_PRINTED = ord(" ")
_PROBLEMS = MappingProxyType({"timezone_aware": "has no offset from UTC"})
"""Faults that the library words for programmers."""


class UnreadableFact(ValueError):
    """A fact that cannot be read: which field, what is wrong, and what to do about it."""

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(f"{field}: {problem}; {remedy}")
        self.field = field
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact as stated: what, when it happened, when it became known, and on whose word."""

    fact: Fact
    t: datetime
    recorded_at: datetime
    order: str | None = None
    person: str | None = None
    actor: str = "import"
    role: str = "import"
    force: str = ""
    command_id: str | None = None
    only_that_order: bool = False

    @property
    def occurred_at(self) -> datetime:
        if isinstance(self.fact, breaches.BreachReported):
            return self.fact.occurred_at
        return self.t

    def envelope(
        self, *, law: str, entered_at: datetime, subject_id: UUID | None, known_at: datetime
    ) -> Envelope:
        return Envelope(
            occurred_at=self.occurred_at,
            recorded_at=known_at,
            entered_at=entered_at,
            subject_id=subject_id,
            actor=self.actor,
            role=self.role,
            force=self.force,
            law=law,
            command_id=self.command_id,
        )


def read_statement(raw: object) -> Statement:
    """The statement in a decoded JSON object. Raises `UnreadableFact`."""
    if not isinstance(raw, dict):
        raise UnreadableFact("fact", "is not an object", 'write {"t", "type", "data"}')
    for key in raw:
        if key not in _FACT_KEYS:
            raise UnreadableFact(str(key)[:40], "unknown key", f"use {sorted(_FACT_KEYS)}")
    kind = _fact_type(raw.get("type"))
    t = read_instant("t", raw.get("t"))
    data = raw.get("data", {})
    if not isinstance(data, dict):
        raise UnreadableFact("data", "is not an object", "write the fact's values as an object")
    routing = {key: data[key] for key in _ROUTING_KEYS if key in data}
    if kind is court.ExistingOrder:
        routing.pop("order_ref", None)
    payload = {key: value for key, value in data.items() if key not in routing}
    fact = _payload(kind, payload)
    recorded_at = (
        read_instant("data.recorded_at", routing["recorded_at"]) if "recorded_at" in routing else t
    )
    _check_times(fact, t, recorded_at)
    for odd in oddities(fact, t):
        raise UnreadableFact(".".join(("data", *odd.place)), odd.problem, odd.remedy)
    order = routing.get("order_ref", raw.get("order"))
    return Statement(
        fact=fact,
        t=t,
        recorded_at=recorded_at,
        order=read_short_text("order", order),
        person=read_short_text("person", raw.get("person")),
        actor=read_short_text("actor", raw.get("actor")) or "import",
        role=read_short_text("role", raw.get("role")) or "import",
        force=read_short_text("force", raw.get("force")) or "",
        command_id=read_short_text("command_id", raw.get("command_id")),
        only_that_order="order_ref" in routing,
    )


def _fact_type(name: object) -> type[Fact]:
    kind = FACT_TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise UnreadableFact(
            "type", f"unknown fact type {str(name)[:60]!r}", "see docs/reference/facts.md"
        )
    return kind


def read_instant(field: str, value: object) -> datetime:
    """A time with an offset, as UTC. Raises `UnreadableFact`."""
    if not isinstance(value, str):
        raise UnreadableFact(field, "is not a time", "write ISO 8601 with an offset")
    try:
        instant = _INSTANT.validate_python(value)
    except ValidationError as error:
        raise UnreadableFact(field, _first(error)[1], "write ISO 8601 with an offset") from None
    if instant < EARLIEST:
        raise UnreadableFact(field, "is before 1900", "check the year")
    if instant >= LATEST:
        raise UnreadableFact(field, "is after 2199", "check the year")
    return instant.astimezone(UTC)


def _payload(kind: type[Fact], data: dict[str, Any]) -> Fact:
    try:
        return kind.model_validate_json(to_json(data, inf_nan_mode="constants"))
    except PydanticSerializationError:
        raise UnreadableFact("data", "is nested too deeply", "send plain facts") from None
    except ValidationError as error:
        where, problem = _first(error)
        remedy = f"see {kind.__name__} in docs/reference/facts.md"
        raise UnreadableFact(".".join(("data", *where)), problem, remedy) from None


def _first(error: ValidationError) -> tuple[list[str], str]:
    """Where the first fault is, and what it is."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = [str(part)[:40] for part in first["loc"]]
    return where, _PROBLEMS.get(first["type"], first["msg"][:300])


def _check_times(fact: Fact, t: datetime, recorded_at: datetime) -> None:
    if recorded_at < t and not isinstance(fact, breaches.BreachReported):
        raise UnreadableFact("data.recorded_at", "is before the fact happened", "check both times")
    if isinstance(fact, breaches.BreachReported) and fact.occurred_at > recorded_at:
        raise UnreadableFact("data.occurred_at", "is after it was reported", "check both times")
    if isinstance(fact, service.ServiceCorrected) and fact.served_at > recorded_at:
        raise UnreadableFact("data.served_at", "is after it was corrected", "check both times")


def read_short_text(field: str, value: object) -> str | None:
    """A name or reference on one line; None where there is none. Raises `UnreadableFact`."""
    if value is None:
        return None
    if not isinstance(value, str) or not value or len(value) > _LONGEST_REFERENCE:
        remedy = f"write 1 to {_LONGEST_REFERENCE} characters"
        raise UnreadableFact(field, "is not a short text", remedy)
    if any(ord(character) < _FIRST_PRINTED for character in value):
        problem = "holds a control character, such as a tab or a line break"
        raise UnreadableFact(field, problem, "write it on one line, without them")
    return value
