"""Reads JSON as strictly as facts are read: what two programs would read differently is refused."""

import json
from typing import Any

from domain.vocabulary import UnreadableFact

_LONGEST_NUMBER = 20


def read_json(raw: bytes) -> Any:
    """Strict JSON in UTF-8: no NaN, no key twice, no depth without end. Raises `UnreadableFact`."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"byte {error.start + 1}"
        raise UnreadableFact(where, "is not UTF-8", "save the file as UTF-8") from None
    try:
        decoded = json.loads(
            text,
            object_pairs_hook=_no_key_twice,
            parse_constant=_no_constant,
            parse_int=_short_number,
        )
        if "\\u" in text:
            _refuse_half_characters(decoded)
    except json.JSONDecodeError as error:
        where = f"column {error.colno}"
        problem = f"is not JSON: {error.msg}"
        raise UnreadableFact(where, problem, "complete or correct the JSON") from None
    except RecursionError:
        raise UnreadableFact("line", "is nested too deeply", "send plain facts") from None
    return decoded


def _refuse_half_characters(decoded: Any) -> None:
    r"""An escape may name half of a surrogate pair (\ud800), which no text can hold."""
    try:
        json.dumps(decoded, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise UnreadableFact("text", "holds half a character", "write it in full") from None


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise UnreadableFact(twice[:40], "stands twice in one object", "keep one of the two")
    return keys


def _short_number(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise UnreadableFact("number", "has too many digits", "write a plain number")
    return int(digits)


def _no_constant(name: str) -> Any:
    problem = f"{name} is not a number"
    raise UnreadableFact("number", problem, "write a number or leave it out")
