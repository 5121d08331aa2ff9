"""Labelled lines of plain text: short, wrapped under themselves, the same on every screen."""

import textwrap
from collections.abc import Iterator
from typing import Any

WIDTH = 100
_LABEL = 22
_NOT_RECORDED = "not recorded"


def wrapped(words: str, indent: str = "") -> list[str]:
    return _wrap(words, indent, indent) or [""]


def _wrap(words: str, first: str, later: str) -> list[str]:
    """Broken between words only, so that a reference or an id stays whole."""
    return textwrap.wrap(
        words, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False
    )


def row(label: str, words: Any) -> Iterator[str]:
    """A label and its words, wrapped under themselves; lines of the words stay lines."""
    indent = " " * (_LABEL + 2)
    first = f"  {label:<{_LABEL}}"
    for line in text(words).splitlines() or [_NOT_RECORDED]:
        yield from _wrap(line, first, indent)
        first = indent


def text(words: Any) -> str:
    if isinstance(words, dict):
        return f"{words['said']}  ({words['utc'][:19]}Z)"
    if isinstance(words, bool):
        return "yes" if words else "no"
    if isinstance(words, float):
        return f"{words:g}"
    if isinstance(words, list | tuple):
        return ", ".join(printable(str(word)) for word in words) or "none"
    return _NOT_RECORDED if words is None or words == "" else printable(str(words))


def printable(words: str) -> str:
    """Without what would steer a terminal: an account is written by whoever reported it."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in words)


def if_any(label: str, words: Any) -> Iterator[str]:
    if words not in (None, "", [], ()):
        yield from row(label, words)
