"""Answers that are asked one by one and stated as one part of a fact: who somebody is, where they live."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from domain.facts.words import Defendant

_ADDRESSES = ("home_address", "to")
_HOMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "residence": {"kind": "residence"},
        "regularly_found": {"kind": "regularly_found"},
        "selected": {"kind": "regularly_found", "selected_by": "defendant"},
    }
)
"""Stalking Protection Act 2019 s.14(1): a sole or main residence, or a place, chosen where there are several."""


def joined(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the fact; nobody is named without a name, and no address is of a kind without a place."""
    told = dict(values)
    asked = {part: told.pop(f"defendant_{part}", None) for part in Defendant.model_fields}
    if asked["name"]:
        told["defendant"] = {part: value for part, value in asked.items() if value}
    kind = _HOMES.get(told.pop("home_kind", ""))
    for name in _ADDRESSES:
        if name in told and kind is not None:
            told[name] = {"place": told[name], **kind}
    return told


def apart(values: Mapping[str, Any]) -> dict[str, Any]:
    """The answers again, each under its question."""
    told = dict(values)
    for part, value in dict(told.pop("defendant", {})).items():
        told[f"defendant_{part}"] = value
    for name in _ADDRESSES:
        if isinstance(told.get(name), dict):
            home = dict(told[name])
            told[name] = home.pop("place")
            told["home_kind"] = next(each for each, kind in _HOMES.items() if kind == home)
    return told


def question_of(place: Sequence[str]) -> str:
    """The question that a fault is about, by where it stands in the fact."""
    name, *parts = place
    return f"{name}_{parts[0]}" if name == "defendant" and parts else name
