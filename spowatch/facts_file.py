"""Reads facts files: a JSON document of cases, or JSON lines; each case with the line it began on."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from domain.plain_json import read_json
from domain.vocabulary import UnreadableFact

_BEGINS_A_DOCUMENT = re.compile(rb'\s*\{\s*"(meta|cases)')
_KEYS_OF_A_DOCUMENT = frozenset({"meta", "cases"})
LONGEST_LINE = 4 * 1024 * 1024
"""Bytes. A longer line is refused before it is parsed."""


@dataclass(frozen=True, slots=True)
class Line:
    """A decoded case, or why it could not be decoded; and where it stands."""

    number: int
    case: Any = None
    error: UnreadableFact | None = None


def read_lines(source: IO[bytes]) -> Iterator[Line]:
    """Cases as they arrive: a document is read whole, JSON lines one by one."""
    number, first = 1, source.readline(LONGEST_LINE + 1)
    while first and not first.strip():
        number, first = number + 1, source.readline(LONGEST_LINE + 1)
    if not first:
        return
    if _is_document(first.removeprefix(BOM_UTF8)):
        yield from _document(b"\n" * (number - 1) + first.removeprefix(BOM_UTF8) + source.read())
        return
    while first:
        if first.strip():
            yield read_line(number, first)
        if len(first) > LONGEST_LINE and not first.endswith(b"\n"):
            _skip_rest(source)
        number += 1
        first = source.readline(LONGEST_LINE + 1)


def _skip_rest(source: IO[bytes]) -> None:
    while (rest := source.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


def _is_document(first: bytes) -> bool:
    """Whether the first line is only the start of a JSON text, or a document on one line."""
    if len(first) > LONGEST_LINE:
        return False
    try:
        decoded = json.loads(first)
    except (ValueError, RecursionError):
        return first.strip() in (b"{", b"[") or _BEGINS_A_DOCUMENT.match(first) is not None
    return isinstance(decoded, list) or (isinstance(decoded, dict) and "cases" in decoded)


def read_line(number: int, raw: bytes) -> Line:
    """One case or one bare fact, decoded and not yet understood."""
    if len(raw) > LONGEST_LINE:
        error = UnreadableFact(
            "line", f"is longer than {LONGEST_LINE} bytes", "split it, or shorten its texts"
        )
        return Line(number, error=error)
    try:
        return Line(number, case=read_json(raw))
    except UnreadableFact as error:
        return Line(number, error=error)


def _document(raw: bytes) -> Iterator[Line]:
    try:
        document = read_json(raw)
    except UnreadableFact as error:
        yield Line(_line_of_error(raw), error=error)
        return
    cases = document.get("cases") if isinstance(document, dict) else document
    if not isinstance(cases, list):
        yield Line(1, case=document)
        return
    dropped = _beside_the_cases(document)
    if dropped is not None:
        yield Line(1, error=dropped)
        return
    for number, case in zip(_starts(raw, len(cases)), cases, strict=False):
        yield Line(number, case=case)


def _beside_the_cases(document: Any) -> UnreadableFact | None:
    """What is said there of all cases would be lost: each case says it for itself."""
    keys = document.keys() - _KEYS_OF_A_DOCUMENT if isinstance(document, dict) else ()
    for key in sorted(keys):
        problem = "stands beside cases, where it would be dropped"
        return UnreadableFact(key[:40], problem, "write it in each case it is about, or under meta")
    return None


def _starts(raw: bytes, count: int) -> list[int]:
    """The line each case begins on, found by decoding them one after another."""
    text = raw.decode("utf-8-sig")
    at = text.find("[", max(0, text.find('"cases"'))) + 1
    decoder, starts = json.JSONDecoder(), []
    for _ in range(count):
        while text[at] in " \t\r\n,":
            at += 1
        starts.append(text.count("\n", 0, at) + 1)
        _, at = decoder.raw_decode(text, at)
    return starts


def _line_of_error(raw: bytes) -> int:
    try:
        json.loads(raw)
    except json.JSONDecodeError as error:
        return error.lineno
    except ValueError:
        return 1
    return 1
