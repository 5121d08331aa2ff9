"""The four kinds of line a briefing is made of; what shows them decides how they look."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """A label and what is on record under it; without a label it goes on from the row before."""

    label: str
    words: Any


@dataclass(frozen=True, slots=True)
class Words:
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    """What the officer checks or believes, with what is on record that bears on it."""

    label: str
    words: str
    facts: tuple[str, ...] = ()


Line = Row | Words | Tick


def if_any(label: str, words: Any) -> Iterator[Row]:
    if words not in (None, "", [], ()):
        yield Row(label, words)
