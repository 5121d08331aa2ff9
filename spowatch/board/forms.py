"""What each key asks before something is done: a form is the questions, and the step they make."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from domain.desk.case import AlertCase
from domain.desk.events import Answered
from domain.desk.outcomes import ASKED, NOTHING_TO_ASK, OUTCOMES, WORDS_OF, OutcomeCode, Question
from domain.desk.steps import (
    Accept,
    Acknowledge,
    Attend,
    Close,
    Conclude,
    Offer,
    SendUnit,
    SetPriority,
    Step,
    TellProtected,
)

YES_NO = ("y", "n")


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. With `keys` one key answers it; with `choices` a number does."""

    words: str
    keys: Sequence[str] = ()
    choices: Sequence[tuple[str, str]] = ()
    needed: bool = True


Form = Generator[Ask, str, Step]
"""Sent each answer, it asks the next question, and returns the step."""


def _at_once(step: type[Step]) -> Callable[[AlertCase], Form]:
    def form(_: AlertCase) -> Form:
        yield from ()
        return step()

    return form


def _task(_: AlertCase) -> Form:
    unit = yield Ask("Which unit is sent?")
    incident = yield Ask("Under which incident number?")
    return SendUnit(unit=unit, incident=incident)


def _attend(_: AlertCase) -> Form:
    unit = yield Ask("Which unit is there?")
    return Attend(unit=unit)


def _tell(_: AlertCase) -> Form:
    reached = yield Ask("Was the protected person reached and told?", keys=YES_NO)
    how = yield Ask("How, in one word? (telephone, visit, ...)")
    return TellProtected(how=how, reached=reached == "y")


def _outcome(_: AlertCase) -> Form:
    choices = [(str(code), outcome.words) for code, outcome in OUTCOMES.items()]
    code = OutcomeCode((yield Ask("What came of it?", choices=choices)))
    reference = reason = None
    if OUTCOMES[code].reference:
        reference = yield Ask(f"Reference: {OUTCOMES[code].reference}")
    if OUTCOMES[code].reason:
        reason = yield Ask("Why? It stays on record; no protected person's name")
    return Conclude(outcome=code, reference=reference, reason=reason)


def _close(case: AlertCase) -> Form:
    done = case.outcome is not None and case.outcome.outcome in NOTHING_TO_ASK
    answers = []
    for question in () if done or case.outcome is None else ASKED[case.alert_class]:
        yes = (yield Ask(WORDS_OF[question], keys=YES_NO)) == "y"
        reference = None
        if yes and question is Question.CRIME_RECORDED:
            reference = yield Ask("Crime reference")
        answers.append(Answered(question=question, yes=yes, reference=reference))
    because: str | None = None
    if case.telling.open and not done and case.outcome is not None:
        asked = (
            "The protected person was not told. Why not? (a supervisor says so; empty to go back)"
        )
        because = (yield Ask(asked, needed=False)) or None
    return Close(answers=tuple(answers), not_told_because=because)


def _priority(_: AlertCase) -> Form:
    keys = ("1", "2", "3", "4")
    priority: Any = int((yield Ask("Which priority? Only a supervisor lowers one", keys=keys)))
    reason = yield Ask("Why? It stays on record; no protected person's name")
    return SetPriority(priority=priority, reason=reason)


def _offer(_: AlertCase) -> Form:
    force = yield Ask("Which force is asked to take it over?")
    reason = yield Ask("Why? It stays on record; no protected person's name")
    return Offer(to_force=force, reason=reason)


FORMS: Mapping[str, tuple[str, Callable[[AlertCase], Form]]] = MappingProxyType(
    {
        "a": ("acknowledge", _at_once(Acknowledge)),
        "t": ("task", _task),
        "s": ("at scene", _attend),
        "v": ("victim told", _tell),
        "o": ("outcome", _outcome),
        "c": ("close", _close),
        "p": ("priority", _priority),
        "f": ("offer to force", _offer),
        "x": ("accept offer", _at_once(Accept)),
    }
)
"""By key: its word on the screen, and the form."""
