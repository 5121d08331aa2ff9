"""Spells of time: half-open stretches during which something was so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Spell:
    """From `start` to just before `end`; open while `end` is not known."""

    start: datetime
    end: datetime | None = None

    def covers(self, instant: datetime) -> bool:
        return self.start <= instant and (self.end is None or instant < self.end)

    def overlaps(self, start: datetime, end: datetime) -> bool:
        return self.start < end and (self.end is None or start < self.end)


def covering(spells: Iterable[Spell], instant: datetime) -> Spell | None:
    for spell in spells:
        if spell.covers(instant):
            return spell
    return None


def end_open_spells(spells: list[Spell], at: datetime) -> None:
    """Ends every spell that is open: a remand, and the sentence that followed it, end together."""
    for spell in spells:
        if spell.end is None:
            spell.end = at
