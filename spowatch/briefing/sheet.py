"""What goes on the officer's sheet: named parts only, so that nothing else can get onto paper.

A sheet travels in a pocket, next to the person it is about. Of the protected persons it says how
many there are and what the court's own wording, the act and its account cannot do without. Their
names and how to reach them go on a page of their own, and only when that is asked for.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from spowatch.briefing.lines import Line, Row, Tick, Words
from spowatch.briefing.sections import PROTECTED, SECTIONS, Told, protected
from spowatch.wording.text_rows import text

HANDLING = "OFFICIAL-SENSITIVE: police use only. Never to the subject, never over open radio."
NOT_HERE = "Names and how to reach them safely are not on this sheet: ask the control room."
SHOWN = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x218, 0x21B), (0x300, 0x304), (0x386, 0x38A), (0x38E, 0x3A1),
    (0x3A3, 0x3CE), (0x400, 0x45F), (0x1E80, 0x1E85), (0x1EF2, 0x1EF3), (0x2010, 0x2015),
    (0x2018, 0x201E), (0x2020, 0x2022), (0x2026, 0x2026), (0x20AC, 0x20AC), (0x2122, 0x2122),
    (0xFFFD, 0xFFFD),
)  # fmt: skip
"""Code points the fonts inside the typesetting library have: Latin with Welsh, Greek, Cyrillic."""


def sheet(briefing: Told, *, with_protected: bool = False, training: bool = False) -> Told:
    """The briefing as the layout reads it: text in order, and nothing that is not to be printed."""
    told, order = briefing["provenance"], briefing["order"]
    kind = f"{told['kind']} {_condition(briefing)}".strip()
    withdrawn = told["withdrawn"]
    page: Told = {
        "title": f"Briefing on alert {told['alert'][:8]}: {kind}",
        "heading": f"P{told['priority']}  {kind}",
        "instruction": briefing["instruction"],
        "withdrawn": f"WITHDRAWN: {told['withdrawn_because']}. Stand down." if withdrawn else None,
        "as_recorded": f"As recorded up to {text(briefing['as_at'])}, which is what this sheet calls "
        "now. What came later is not here: ask the control room before you act.",
        "handling": HANDLING,
        "reference": f"{order['reference']}, {order['force']}",
        "alert": told["alert"],
        "training": "TRAINING: invented people. Act on nothing here." if training else None,
        "sections": list(_sections(briefing)),
        "apart": [_section(PROTECTED, protected(briefing))] if with_protected else [],
    }
    return {name: _printable(value) for name, value in page.items()}


def _condition(briefing: Told) -> str:
    breach = briefing["breach"]
    return "" if breach is None else str(breach["condition"])


def _sections(briefing: Told) -> Iterator[Told]:
    for heading, section in SECTIONS:
        lines = _counted(briefing) if heading == PROTECTED else section(briefing)
        if (told := _section(heading, lines))["lines"]:
            yield told


def _counted(briefing: Told) -> Iterator[Line]:
    persons = briefing["protected_persons"]["persons"]
    yield Row("Named on the order", str(len(persons) or "nobody"))
    if persons:
        yield Words(NOT_HERE)


def _section(heading: str, lines: Iterable[Line]) -> Told:
    told: list[Told] = []
    for line in lines:
        match line:
            case Row("", words) if told:
                told[-1]["words"] += text(words).splitlines()
            case Row(label, words):
                paragraphs = text(words).splitlines() or [text(None)]
                told.append({"kind": "row", "label": label.strip(), "words": paragraphs})
            case Words(words):
                told.append({"kind": "words", "words": [words]})
            case Tick(label, words, facts):
                told.append({"kind": "tick", "label": label, "words": [words], "facts": facts})
    return {"heading": heading, "lines": told}


def _printable(told: Any) -> Any:
    """The same with every letter that the fonts lack written as its number."""
    if isinstance(told, dict):
        return {name: _printable(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_printable(value) for value in told]
    if isinstance(told, str):
        return "".join(map(_letter, unicodedata.normalize("NFC", told)))
    return told


def _letter(letter: str) -> str:
    point = ord(letter)
    if any(first <= point <= last for first, last in SHOWN):
        return letter
    return f"[U+{point:04X}]" if letter.isprintable() else "\ufffd"
