"""Which events hold personal words, read off the schema pydantic compiled for them."""

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from domain import personal
from domain.events import Event
from domain.personal import HoldsAnyFact

_Node = dict[str, Any]


def holds_personal_words(event_type: type[Event]) -> bool:
    """Raises `TypeError` for words in a union without discriminator.

    Its members are tried one after another, so a seal would count the same words twice.
    """
    if issubclass(event_type, HoldsAnyFact):
        return True
    schema = TypeAdapter(event_type).core_schema
    nodes = list(_Schema(schema).below(schema))
    for node in nodes:
        if node.get("type") == "union" and any(map(_seals, _Schema(schema).below(node))):
            msg = f"{event_type.__name__} has personal words in a union without discriminator"
            raise TypeError(msg)
    return any(map(_seals, nodes))


class _Schema:
    """A walk through a schema that enters each definition once."""

    def __init__(self, schema: Any) -> None:
        self._definitions = {each["ref"]: each for each in schema.get("definitions", ())}

    def below(self, part: Any) -> Iterator[_Node]:
        if isinstance(part, dict):
            yield part
            yield from self.below(self._definitions.pop(part.get("schema_ref"), None))
            yield from self.below(list(part.values()))
        elif isinstance(part, list | tuple):
            for each in part:
                yield from self.below(each)


def _seals(node: _Node) -> bool:
    function = node.get("function")
    called = function.get("function") if isinstance(function, dict) else None
    return getattr(called, "__module__", None) == personal.__name__
