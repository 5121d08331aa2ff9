"""The steps of the desk as forms: which ones a person is shown, what each asks, in whose words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from domain.desk.case import AlertCase
from domain.desk.outcomes import ASKED, OUTCOMES, WORDS_OF, Question
from domain.forces import FORCES, ForceKind
from web.access import Person
from web.words import PRIORITIES

Kind = Literal["line", "words", "choice", "list"]


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `choices` are values with their words."""

    name: str
    label: str
    kind: Kind = "line"
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StepForm:
    """`main`: what is likely next; the others stand folded below it."""

    step: str
    title: str
    button: str
    fields: tuple[Field, ...] = ()
    main: bool = False


_REASON = Field("reason", "Why", "words", "Stays on record. No names of protected people.")
_UNIT = Field("unit", "Unit", hint="Its call sign")
_GRADES = tuple((str(number), f"{number}, {word}") for number, word in PRIORITIES.items())
_YES_NO = (("yes", "Yes"), ("no", "No"))
_HOW = (
    ("phone", "By telephone, on the safe number"),
    ("in_person", "In person"),
    ("through_advocate", "Through their advocate"),
    ("message", "By message they agreed to"),
)
_FORCES = tuple(
    (force.name, force.name) for force in FORCES if force.kind is not ForceKind.INELIGIBLE
)
_OUTCOMES = tuple((str(code), outcome.words) for code, outcome in OUTCOMES.items())
_TELL = StepForm(
    "tell",
    "Tell the protected person",
    "Record it",
    (
        Field("how", "How", "choice", choices=_HOW),
        Field("reached", "Were they reached?", "choice", choices=_YES_NO),
    ),
)
_OUTCOME_FIELDS = (
    Field("outcome", "What came of it", "list", choices=_OUTCOMES),
    Field("reference", "Reference", hint="For example the custody record; some outcomes need one"),
    Field("reason", "Why", "words", "Some outcomes need a reason"),
)


def forms(case: AlertCase, person: Person) -> Iterator[StepForm]:
    """What this person may try now. Whether it is lawful the desk decides when it is sent."""
    offered = case.transfer.offer is not None and case.transfer.offer.to_force == person.force
    if offered:
        yield StepForm(
            "accept",
            "Take it over from the other force",
            "Take it over",
            (Field("priority", "Priority here", "list", choices=_GRADES),),
            main=True,
        )
        yield StepForm("reject", "Do not take it over", "Reject", (_REASON,))
    if person.force != case.force:
        return
    if not case.open:
        yield StepForm("reopen", "Open it again", "Open it again", (_REASON,))
        return
    yield from _held(case, person)
    yield from _of_anybody(case, person)


def _held(case: AlertCase, person: Person) -> Iterator[StepForm]:
    mine = case.ownership.staff == person.staff
    if not mine:
        yield StepForm("acknowledge", "Take the alert", "Acknowledge", main=True)
    else:
        concluded = case.outcome is not None
        incident = Field("incident", "Incident number", hint="Of the command and control system")
        sent = StepForm("task", "Send a unit", "Send the unit", (_UNIT, incident), main=True)
        yield sent if not concluded else StepForm("task", sent.title, sent.button, sent.fields)
        yield StepForm("attending", "The unit is there", "Record it", (_UNIT,))
        yield StepForm("outcome", "Outcome", "Record the outcome", _OUTCOME_FIELDS)
    if case.outcome is not None and (mine or person.hand.supervises):
        yield _close(case)


def _of_anybody(case: AlertCase, person: Person) -> Iterator[StepForm]:
    if case.telling.open:
        yield _TELL
    priority = Field("priority", "Priority", "list", choices=_GRADES)
    yield StepForm("grade", "Change the priority", "Change it", (priority, _REASON))
    if person.hand.supervises and case.outcome is not None:
        comment = Field("comment", "What you found", "words")
        yield StepForm("review", "Review as supervisor", "Record the review", (comment,))
    if case.ownership.staff == person.staff:
        force = Field("to_force", "Force", "list", choices=_FORCES)
        yield StepForm("offer", "Offer it to another force", "Offer it", (force, _REASON))
        yield StepForm("acknowledge", "Keep it on", "Begin the lease anew")


def _close(case: AlertCase) -> StepForm:
    fields: list[Field] = []
    for question in ASKED[case.alert_class]:
        fields.append(Field(f"q_{question}", WORDS_OF[question], "choice", choices=_YES_NO))
        if question is Question.CRIME_RECORDED:
            fields.append(Field(f"ref_{question}", "Crime reference", hint="If it was recorded"))
    if case.telling.open:
        hint = "A supervisor decides this; otherwise tell them first"
        not_told = Field("not_told_because", "Why the protected person is not told", "words", hint)
        fields.append(not_told)
    return StepForm("close", "Close the alert", "Close it", tuple(fields), main=True)
