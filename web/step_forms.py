"""The steps of the desk as forms: which ones a person is shown, what each asks, in whose words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.desk.case import AlertCase
from domain.desk.outcomes import ASKED, OUTCOMES, WORDS_OF, Question
from domain.forces import ELIGIBLE
from web.access import Person
from web.language import N_, _
from web.words import PRIORITIES

Kind = Literal["line", "words", "choice", "list"]


@dataclass(frozen=True, slots=True)
class StepField:
    """One question. `choices` are values with their words."""

    name: str
    label: str
    kind: Kind = "line"
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    def as_spoken(self) -> "StepField":
        """As it is asked in the language spoken now."""
        choices = tuple((each, _(text)) for each, text in self.choices)
        hint = _(self.hint) if self.hint else ""
        return StepField(self.name, _(self.label), self.kind, hint, choices)


@dataclass(frozen=True, slots=True)
class StepForm:
    """`main`: what is likely next; the others stand folded below it."""

    step: str
    title: str
    button: str
    fields: tuple[StepField, ...] = ()
    main: bool = False

    def as_spoken(self) -> "StepForm":
        fields = tuple(field.as_spoken() for field in self.fields)
        return StepForm(self.step, _(self.title), _(self.button), fields, self.main)


_REASON = StepField(
    "reason", N_("Why"), "words", N_("Stays on record. No names of protected people.")
)
_UNIT = StepField("unit", N_("Unit"), hint=N_("Its call sign"))
_INCIDENT = StepField(
    "incident", N_("Incident number"), hint=N_("Of the command and control system")
)
_COMMENT = StepField("comment", N_("What you found"), "words")
_NOT_TOLD = StepField(
    "not_told_because",
    N_("Why the protected person is not told"),
    "words",
    N_("A supervisor decides this; otherwise tell them first"),
)
_YES_NO = (("yes", N_("Yes")), ("no", N_("No")))
_HOW = (
    ("phone", N_("By telephone, on the safe number")),
    ("in_person", N_("In person")),
    ("through_advocate", N_("Through their advocate")),
    ("message", N_("By message they agreed to")),
)
_FORCES = tuple((force, force) for force in ELIGIBLE)
_TO_FORCE = StepField("to_force", N_("Force"), "list", choices=_FORCES)
_OUTCOMES = tuple((str(code), outcome.words) for code, outcome in OUTCOMES.items())
_CRIME = StepField(
    f"ref_{Question.CRIME_RECORDED}", N_("Crime reference"), hint=N_("If it was recorded")
)
_TELL = StepForm(
    "tell",
    N_("Tell the protected person"),
    N_("Record it"),
    (
        StepField("how", N_("How"), "choice", choices=_HOW),
        StepField("reached", N_("Were they reached?"), "choice", choices=_YES_NO),
    ),
)
_OUTCOME_FIELDS = (
    StepField("outcome", N_("What came of it"), "list", choices=_OUTCOMES),
    StepField(
        "reference",
        N_("Reference"),
        hint=N_("For example the custody record; some outcomes need one"),
    ),
    StepField("reason", N_("Why"), "words", N_("Some outcomes need a reason")),
)


def forms(case: AlertCase, person: Person, now: datetime) -> Iterator[StepForm]:
    """What this person may try now. Whether it is lawful the desk decides when it is sent."""
    return (form.as_spoken() for form in _offered(case, person, now))


def _offered(case: AlertCase, person: Person, now: datetime) -> Iterator[StepForm]:
    offered = case.transfer.offer is not None and case.transfer.offer.to_force == person.force
    if offered:
        yield StepForm(
            "accept",
            N_("Take it over from the other force"),
            N_("Take it over"),
            (_priority(N_("Priority here")),),
            main=True,
        )
        yield StepForm("reject", N_("Do not take it over"), N_("Reject"), (_REASON,))
    if not case.is_for(person.force):
        return
    if not case.open:
        yield StepForm("reopen", N_("Open it again"), N_("Open it again"), (_REASON,))
        return
    mine = case.has(person.staff, now)
    yield from _held(case, person, mine=mine)
    yield from _of_anybody(case, person, mine=mine)


def _held(case: AlertCase, person: Person, *, mine: bool) -> Iterator[StepForm]:
    if not mine:
        yield StepForm("acknowledge", N_("Take the alert"), N_("Acknowledge"), main=True)
    else:
        concluded = case.outcome is not None
        asked = (_UNIT, _INCIDENT)
        sent = StepForm("task", N_("Send a unit"), N_("Send the unit"), asked, main=True)
        yield sent if not concluded else StepForm("task", sent.title, sent.button, sent.fields)
        yield StepForm("attending", N_("The unit is there"), N_("Record it"), (_UNIT,))
        yield StepForm("outcome", N_("Outcome"), N_("Record the outcome"), _OUTCOME_FIELDS)
    if case.outcome is not None and (mine or person.hand.supervises):
        yield _close(case)


def _of_anybody(case: AlertCase, person: Person, *, mine: bool) -> Iterator[StepForm]:
    if case.telling.open:
        yield _TELL
    priority = _priority(N_("Priority"))
    yield StepForm("grade", N_("Change the priority"), N_("Change it"), (priority, _REASON))
    if person.hand.supervises and case.outcome is not None:
        yield StepForm("review", N_("Review as supervisor"), N_("Record the review"), (_COMMENT,))
    if mine:
        asked = (_TO_FORCE, _REASON)
        yield StepForm("offer", N_("Offer it to another force"), N_("Offer it"), asked)
        yield StepForm("acknowledge", N_("Keep it on"), N_("Begin the lease anew"))


def _close(case: AlertCase) -> StepForm:
    fields: list[StepField] = []
    for question in ASKED[case.alert_class]:
        fields.append(_question(question))
        if question is Question.CRIME_RECORDED:
            fields.append(_CRIME)
    if case.telling.open:
        fields.append(_NOT_TOLD)
    return StepForm("close", N_("Close the alert"), N_("Close it"), tuple(fields), main=True)


def _question(question: Question) -> StepField:
    return StepField(f"q_{question}", WORDS_OF[question], "choice", choices=_YES_NO)


def _priority(label: str) -> StepField:
    grades = ((str(number), f"{number}, {_(word)}") for number, word in PRIORITIES.items())
    return StepField("priority", label, "list", choices=tuple(grades))


def asked_as(name: str) -> StepField | None:
    """The question of that name, whichever step asks it, as it is asked in the language spoken now."""
    every = (_UNIT, _INCIDENT, *_TELL.fields, *_OUTCOME_FIELDS, _COMMENT, _NOT_TOLD, _TO_FORCE)
    of_closing = (*map(_question, Question), _CRIME, _priority(N_("Priority")))
    found = next((each for each in (*every, *of_closing) if each.name == name), None)
    return None if found is None else found.as_spoken()
