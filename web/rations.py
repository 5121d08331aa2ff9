"""How much one person, or one program, may ask in a minute; never of what an alert may wait for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.access import MACHINES, Action
from web.access import Person
from web.rates import Rate

_MINUTE = 60.0


class Kind(StrEnum):
    """What is counted together."""

    READS = "reads"
    COMMANDS = "commands"


_READS = (
    *(Action.READ_ORDER, Action.READ_PERSON, Action.SEARCH_PEOPLE, Action.LIST_CASES),
    *(Action.EXPORT, Action.READ_FIGURES, Action.READ_PIPELINE, Action.READ_CONSULTATIONS),
)
_COMMANDS = (
    *(Action.RECORD_COURT, Action.RECORD_SERVICE, Action.RECORD_NOTIFICATION),
    *(Action.RECORD_MANAGEMENT, Action.RETRACT_BREACH, Action.REVIEW_GLASS, Action.LINK_OFFICER),
)
NEVER = frozenset(
    {
        *(Action.SEE_BOARD, Action.READ_ALERT, Action.READ_BRIEFING, Action.WORK_ALERT),
        *(Action.RECORD_BREACH, Action.BREAK_GLASS, Action.USE_PAGES),
    }
)
"""Reports of breaches, alerts and what is done about them, and the glass: nothing holds priority 1 back."""
COUNTED: Mapping[Action, Kind] = MappingProxyType(
    dict.fromkeys(_READS, Kind.READS) | dict.fromkeys(_COMMANDS, Kind.COMMANDS)
)


class TooMany(Exception):
    """Asked too often; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Limits:
    """In a minute, of each kind."""

    reads: int
    commands: int


class Rations:
    """Counted by number and force in this process; whoever is idle for long is forgotten."""

    def __init__(self, people: Limits, programs: Limits) -> None:
        self._people, self._programs = _rates(people), _rates(programs)

    def count(self, person: Person, action: Action) -> None:
        """One more request of that person. Raises `TooMany`; what is refused is not counted."""
        kind = COUNTED.get(action)
        if kind is None:
            return
        rates = self._programs if person.role in MACHINES else self._people
        wait = rates[kind].wait_of(f"{person.force}\n{person.staff}")
        if wait:
            raise TooMany(wait)


def _rates(limits: Limits) -> Mapping[Kind, Rate]:
    made = {Kind.READS: limits.reads, Kind.COMMANDS: limits.commands}
    return {kind: Rate(most, per=_MINUTE) for kind, most in made.items()}
