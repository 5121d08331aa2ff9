"""A command from the broker, told to the register; or why it cannot be, without a word it says."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from time import sleep
from typing import TYPE_CHECKING, Any

from domain.batches import POISON
from domain.vocabulary import FACT_TYPES, UnreadableFact
from spowatch.facts_file import Line, read_line
from spowatch.importing import PERSON_ERASED, InTheFuture, import_line

if TYPE_CHECKING:
    from spowatch.open_store import Store

_LONGEST_REASON = 200
_AHEAD = timedelta(seconds=1)
"""By so much the clock of who told may be ahead of ours, or ours behind: told as soon as ours is there too.

Nobody hears a refusal here, and a breach that is put before a person for it comes late.
"""
_WRONG_KEY = "the record's key is not the order's reference"


def tell(
    store: "Store",
    clock: Callable[[], datetime],
    command: bytes,
    *,
    once: str,
    order: bytes | None,
) -> str | None:
    """A line of a facts file, told under its own ids or `once`. Why it cannot be read, or None.

    An order that cannot be read any more stops its own commands and no others.
    """
    line = read_line(1, command)
    if order is not None and isinstance(line.case, dict) and not _is_of(line.case, order):
        return _WRONG_KEY
    _number(line, once)
    try:
        outcome = import_line(line, store.register, now=clock())
        if isinstance(outcome.error, InTheFuture) and outcome.error.ahead <= _AHEAD:
            sleep(outcome.error.ahead.total_seconds())
            outcome = import_line(line, store.register, now=clock())
    except POISON as fault:
        return f"the register cannot take it: {type(fault).__name__}"
    if any(each.refused_as == PERSON_ERASED for each in outcome.answers):
        return "it says something in words about a person whose words were erased"
    return None if outcome.error is None else without_content(outcome.error)


def _is_of(case: dict[str, Any], order: bytes) -> bool:
    reference = case.get("order")
    return isinstance(reference, str) and reference.encode(errors="replace") == order


def _number(line: Line, once: str) -> None:
    """A fact that brings no idempotency key of its own gets one."""
    case = line.case if isinstance(line.case, dict) else {}
    facts = [case] if "type" in case else case.get("given")
    for number, fact in enumerate(facts if isinstance(facts, list) else []):
        if isinstance(fact, dict):
            fact.setdefault("command_id", f"{once}:{number}")


def without_content(error: UnreadableFact) -> str:
    """What is wrong and where, in our own words: a key of the message may be a person's name.

    Whatever stands in quotation marks may be quoted from the message.
    """
    where = re.sub(r"[^.\[\] ]+", lambda part: _known(part.group()), error.field)
    what = re.split(r"['\"]", error.problem, maxsplit=1)[0].strip()
    return f"{where} {what}"[:_LONGEST_REASON]


def _known(name: str) -> str:
    return name if name in _NAMES or name.isdecimal() else "(unknown name)"


_NAMES = frozenset(
    [
        "action",
        "actor",
        "byte",
        "case",
        "column",
        "command_id",
        "data",
        "fact",
        "force",
        "given",
        "line",
        "number",
        "order",
        "order_ref",
        "person",
        "recorded_at",
        "regime",
        "role",
        "t",
        "text",
        "type",
    ]
) | {name for kind in FACT_TYPES.values() for name in kind.model_fields}
