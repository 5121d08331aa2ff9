"""Words given to a command: on the line, on standard input, in a file, or as strict JSON."""

import io
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from domain.vocabulary import UnreadableFact
from spowatch.facts_file import LONGEST_LINE, read_lines

FROM_STDIN = "-"


@dataclass(slots=True)
class StandardInput:
    """Standard input, for at most one option."""

    _taken_by: str = field(default="")

    def words_for(self, name: str, words: str) -> str:
        """`words`, or standard input where they are `-`. Raises `UnreadableFact`."""
        if words != FROM_STDIN:
            return words
        if self._taken_by:
            problem = f"standard input is already read for {self._taken_by}"
            raise UnreadableFact(name, problem, "give one of the two in another way")
        self._taken_by = name
        return _words_in(name, sys.stdin.buffer)


def words_in_file(name: str, path: str) -> str:
    """Raises `UnreadableFact`."""
    try:
        with Path(path).open("rb") as file:
            return _words_in(name, file)
    except OSError as error:
        problem = f"its file cannot be read: {error.strerror}"
        raise UnreadableFact(name, problem, "check the path") from None


def _words_in(name: str, file: IO[bytes]) -> str:
    raw = file.read(LONGEST_LINE + 1)
    if len(raw) > LONGEST_LINE:
        raise UnreadableFact(name, f"is longer than {LONGEST_LINE} bytes", "shorten it")
    try:
        return raw.decode("utf-8-sig").removesuffix("\n")
    except UnicodeDecodeError as error:
        where = f"is not UTF-8 at byte {error.start + 1}"
        raise UnreadableFact(name, where, "send it as UTF-8") from None


def decoded(name: str, words: str) -> Any:
    """Strict JSON, as in a facts file. Raises `UnreadableFact`."""
    # In an object of its own, so that a list or a number is read as it stands.
    line = next(read_lines(io.BytesIO(b'{"value":' + _utf8(name, words) + b"}")))
    if line.error is not None:
        raise UnreadableFact(name, line.error.problem, line.error.remedy)
    return line.case["value"]


def _utf8(name: str, words: str) -> bytes:
    try:
        return words.encode()
    except UnicodeEncodeError:
        raise UnreadableFact(name, "is not UTF-8", "send it as UTF-8") from None


def check_written(values: Mapping[str, Any]) -> None:
    """Raises `UnreadableFact` for words that no encoding holds: half a character, a broken byte."""
    for name, value in values.items():
        _utf8(name, json.dumps(value, ensure_ascii=False, default=str))
