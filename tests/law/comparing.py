"""The law cases and how an answer is held against what a case expects."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from domain.alerts import ALERT_CLASS, AlertClass, AlertCode

Case = dict[str, Any]

FILES = ("law_cases.json", "own_cases.json", "second_reading.json")
CONTAINS = ("facets", "history", "warnings")
ABSENT = {"alerts_absent": "alerts", "facets_absent": "facets", "warnings_absent": "warnings"}
HOLDS_AT_LEAST = ("offence", "computed")
ARREST = frozenset(code for code in AlertCode if ALERT_CLASS[code] is AlertClass.ARREST)


def cases() -> list[Case]:
    folder = Path(__file__).parent
    return [case for name in FILES for case in json.loads((folder / name).read_text())["cases"]]


def differences(expected: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the case asserts and the answer does not bear out: expected and found, by key."""
    return dict(_differences(expected, answer))


def _differences(
    expected: Mapping[str, Any], answer: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    for key, value in expected.items():
        found = answer.get(key, "<absent>")
        if key == "at_deadline":
            then = {name: part for name, part in value.items() if name != "as_of"}
            worse = then if found == "<absent>" else differences(then, found)
            if worse:
                yield key, worse
        elif key in ABSENT:
            yield from _unwanted(key, value, answer[ABSENT[key]])
        elif not _agrees(key, value, found):
            yield key, {"expected": value, "found": found}


def _unwanted(key: str, unwanted: list[str], found: list[str]) -> Iterator[tuple[str, Any]]:
    there = sorted(set(unwanted) & set(found))
    if there:
        yield key, {"found": there}


def _agrees(key: str, expected: Any, found: Any) -> bool:
    if key == "alerts":
        unexpected_arrest = any(code in ARREST and code not in expected for code in found)
        return Counter(expected) <= Counter(found) and not unexpected_arrest
    if key in HOLDS_AT_LEAST:
        return _at_least(expected, found)
    if key in CONTAINS:
        return set(expected) <= set(found)
    if key == "duties":
        return sorted(expected, key=str) == sorted(found, key=str)
    return bool(expected == found)


def _at_least(expected: Any, found: Any) -> bool:
    if not isinstance(expected, dict) or not isinstance(found, dict):
        return bool(expected == found)
    return all(key in found and _at_least(part, found[key]) for key, part in expected.items())
