"""The preconditions of each fact: the rules that may refuse it, by the section they come from."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain.events import RecordedEvent
from domain.history import History, happened
from domain.refusals import REFUSALS, Refusal
from domain.rules import applications, discharge, enforcement, grants, interim, section_4, serving

Rule = Callable[[History, RecordedEvent, Any], str | None]

_RULES: Mapping[type, Rule] = MappingProxyType(
    {
        **applications.RULES,
        **grants.RULES,
        **interim.RULES,
        **section_4.RULES,
        **discharge.RULES,
        **serving.RULES,
        **enforcement.RULES,
    }
)


def refusal_of(recorded: RecordedEvent, history: History) -> Refusal | None:
    """Why the register refuses this fact, given what is known; None when it is lawful."""
    died_at = history.died_at
    if history.died_at is not None and happened(recorded) > history.died_at:
        return REFUSALS["DEFENDANT_DEAD"]
    rule = _RULES.get(type(recorded.event))
    code = rule(history, recorded, recorded.event) if rule is not None else None
    return None if code is None else REFUSALS[code]
