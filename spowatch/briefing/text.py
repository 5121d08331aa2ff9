"""The briefing as plain text: short lines, local times first, no colours, readable at 3 a.m."""

from collections.abc import Iterator

from spowatch.briefing.lines import Line, Row, Tick, Words
from spowatch.briefing.sections import SECTIONS, Told
from spowatch.wording.text_rows import row, wrapped


def render(briefing: Told) -> str:
    """The whole briefing. Every line is at most 100 columns."""
    lines = [*wrapped(briefing["headline"]), ""]
    lines += wrapped(briefing["instruction"])
    lines += [f"As at {briefing['as_at']['said']}"]
    for heading, section in SECTIONS:
        body = [text for line in section(briefing) for text in _lines(line)]
        if body:
            lines += ["", heading, *body]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _lines(line: Line) -> Iterator[str]:
    match line:
        case Row(label, words):
            yield from row(label, words)
        case Words(words):
            yield from wrapped(words, "  ")
        case Tick(label, words, ()):
            yield from row(f"[ ] {label}", words)
        case Tick(label, words, facts):
            yield f"  [ ] {label}  {words}"
            for fact in facts:
                yield from wrapped(f"- {fact}", "      ")
