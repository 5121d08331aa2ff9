"""Reads a fact as a request brings it: `{"t", ...values}`, and says what is wrong without a word of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from domain.facts import Fact
from domain.plain_json import read_json
from domain.vocabulary import FACT_TYPES, UnreadableFact, read_instant, read_short_text
from web.problems import wrong_places

ABOUT = {
    "t": {
        "type": "string",
        "format": "date-time",
        "description": "When it happened, and unless `recorded_at` says otherwise when it became "
        "known; of a breach when it was reported. Now, if left out.",
    },
    "recorded_at": {
        "type": "string",
        "format": "date-time",
        "description": "When it became known, where that is later.",
    },
    "person": {
        "type": "string",
        "minLength": 1,
        "maxLength": 200,
        "description": "The force's reference of the person; its orders under one are one person's. `PNC:` and the number: every force's.",
    },
}
"""What a body says beside the fact's own values."""


@dataclass(frozen=True, slots=True)
class Given:
    """A fact's values as JSON has them, and what stood beside them."""

    values: dict[str, Any]
    t: str | None
    recorded_at: str | None
    person: str | None


class BodyUnreadable(Exception):
    """A body that cannot be taken; where and what to do, in our own words alone."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("; ".join(each["pointer"] for each in errors))
        self.errors = errors


def given_fact(kind: type[Fact], raw: bytes) -> Given:
    """The fact that the body states. Raises `BodyUnreadable`."""
    try:
        body = read_json(raw)
        values = dict(_object(body))
        about = {name: values.pop(name, None) for name in ABOUT if name not in kind.model_fields}
        check_values(kind, values)
        for name in ("t", "recorded_at"):
            if about[name] is not None:
                read_instant(name, about[name])
        person = read_short_text("person", about.get("person"))
    except UnreadableFact as error:
        raise BodyUnreadable([place_of(error)]) from None
    return Given(values, about["t"], about["recorded_at"], person)


def check_values(kind: type[Fact], values: dict[str, Any]) -> None:
    """Raises `BodyUnreadable` with every place that is wrong, `UnreadableFact` when nested too deeply."""
    try:
        kind.model_validate_json(to_json(values, inf_nan_mode="constants"))
    except PydanticSerializationError:
        raise UnreadableFact("data", "is nested too deeply", "send plain facts") from None
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise BodyUnreadable(wrong_places(found, NAMES)) from None


def place_of(error: UnreadableFact) -> dict[str, str]:
    """Where it is and what to do; what stands in quotation marks may be quoted from what was sent."""
    names = [part for part in re.split(r"[.\[\] ]+", error.field) if part]
    pointer = "/".join(part if part in NAMES else "?" for part in names if part not in _AROUND)
    problem = re.split(r"['\"]", error.problem, maxsplit=1)[0].strip()
    return {"pointer": f"/{pointer}", "detail": f"This {problem}: {error.remedy}."}


def _object(body: object) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise UnreadableFact("line", "is not an object", 'write {"t", ...} with the fact\'s values')
    return body


def _names(kind: type[BaseModel]) -> Iterator[str]:
    for name, field in kind.model_fields.items():
        yield name
        for part in _parts(field.annotation):
            yield from _names(part)


def _parts(hint: Any) -> Iterator[type[BaseModel]]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    for inner in get_args(hint):
        yield from _parts(inner)


_AROUND = frozenset({"given", "data", "line", "text", "byte", "column", "number", "0"})
"""How a facts file says where; a body is one fact."""
NAMES = frozenset(ABOUT) | {name for kind in FACT_TYPES.values() for name in _names(kind)}
"""Every name that may stand in a body; another one is never said back."""
