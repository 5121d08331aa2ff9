"""Old topics, read as the topics that took their place; what is stored is never rewritten."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from pydantic_core import to_json
from typing_extensions import TypedDict

from spowatch.store.vault import PLACE, SEALED_FIELDS, SealBroken

Payload = dict[str, Any]
Upcaster = Callable[[Payload], Payload]
"""A pure function; sealed words are dicts that it may move, copy or drop but not look into."""

Upcasters = Mapping[str, tuple[str, Upcaster]]
"""Old topic -> the topic that took its place, and how its payload is told today."""


class _OldState(TypedDict):
    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]  # how pydantic reads a TypedDict

    meta: dict[str, Any]
    event: Payload


_read = TypeAdapter(_OldState).validator.validate_json


def way_to_newest(topic: str, upcasters: Upcasters) -> tuple[str, tuple[Upcaster, ...]]:
    """The topic in use today, and the steps that lead to it; none for a topic still in use."""
    steps: tuple[Upcaster, ...] = ()
    while topic in upcasters:
        topic, step = upcasters[topic]
        steps = (*steps, step)
    return topic, steps


def upcast(stored: bytes, steps: tuple[Upcaster, ...]) -> bytes:
    """The same event as its newest topic would have stored it."""
    state: _OldState = _read(stored)
    payload = state["event"]
    for place, sealed in enumerate(_sealed_words(payload)):
        sealed[PLACE] = place
    for step in steps:
        payload = step(payload)
    return to_json({"meta": state["meta"], "event": payload})


def _sealed_words(part: Any) -> Iterator[dict[str, Any]]:
    """In the order they were written, which is the order their places were counted in."""
    if isinstance(part, list):
        for each in part:
            yield from _sealed_words(each)
    elif isinstance(part, dict):
        if part.keys() >= SEALED_FIELDS:
            yield _exactly_sealed(part)
        for each in part.values():
            yield from _sealed_words(each)


def _exactly_sealed(part: dict[str, Any]) -> dict[str, Any]:
    if part.keys() != SEALED_FIELDS:
        msg = "sealed words have fields that no seal writes"
        raise SealBroken(msg)
    return part
