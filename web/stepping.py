"""Taking a step: the fields of a form as a step of the desk, unless somebody else was there meanwhile."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import SerializeAsAny, ValidationError

from domain.desk.case import AlertCase
from domain.desk.events import AlertPresented
from domain.desk.hands import Hand
from domain.desk.outcomes import Question
from domain.desk.steps import STEPS, Step
from domain.events import RecordedEvent
from web.access import Person
from web.language import N_
from web.streams import whole
from web.system import System

_CLOCK = "clock"


class Wrong(Exception):
    """Fields that cannot be taken as they are: what to do about each, by name; a page looks it up."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


class Changed(Exception):
    """The alert is not at the version the step was meant for; nothing was done."""

    def __init__(self, version: int) -> None:
        super().__init__(str(version))
        self.version = version


class IfUnchanged(Step):
    """A step that is taken at one version of the alert, or not at all."""

    NAME = "if-unchanged"
    step: SerializeAsAny[Step]
    version: int

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        """Raises `Changed` besides what the step itself raises."""
        if case.version != self.version:
            raise Changed(case.version)
        self.step.take(case, hand, now)


def take(system: System, person: Person, alert: UUID, step: Step, seen: int) -> AlertCase:
    """Take the step, when nobody else has done anything since version `seen`.

    What the clock brings meanwhile changes no decision. Raises `Changed`, and `Refused`.
    """
    while True:
        version = system.desk.case(alert).version
        if done_by_others(system, person, alert, seen, upto=version):
            raise Changed(version)
        exact = IfUnchanged(step=step, version=version)
        try:
            return system.desk.do(alert, person.hand, system.now(), exact)
        except Changed as changed:
            if changed.version <= version:
                raise


def done_by_others(
    system: System, person: Person, alert: UUID, seen: int, *, upto: int
) -> Sequence[RecordedEvent]:
    """What other people did on the alert past version `seen`, up to and including `upto`."""
    stored = system.register.events_of(alert, gt=seen, lte=upto)
    mine = {_CLOCK, person.staff}
    return [
        each
        for each in stored
        if each.envelope.actor not in mine and not isinstance(each.event, AlertPresented)
    ]


def step_of(name: str, given: Mapping[str, str]) -> Step:
    """The step as the form says it. Raises `Wrong`."""
    kind = STEPS[name]
    fields: dict[str, Any] = {
        field: value.strip()
        for field, value in given.items()
        if field in kind.model_fields and value.strip()
    }
    if "priority" in fields:
        fields["priority"] = whole(fields["priority"]) or 0
    if "reached" in fields:
        fields["reached"] = fields["reached"] == "yes"
    elif "reached" in kind.model_fields:
        raise Wrong({"reached": _MISSING})
    if name == "close":
        fields["answers"] = _answers(given)
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise Wrong(_told(error)) from None


def _answers(given: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "question": question,
            "yes": given[f"q_{question}"] == "yes",
            "reference": given.get(f"ref_{question}", "").strip() or None,
        }
        for question in Question
        if given.get(f"q_{question}") in {"yes", "no"}
    )


_MISSING = N_("Answer this")
_WORDED = {
    "missing": _MISSING,
    "enum": N_("Choose one of the list"),
    "literal_error": N_("Choose one of the list"),
    "string_too_long": N_("Make this shorter"),
}


def _told(error: ValidationError) -> dict[str, str]:
    """What to do, by field; never with what was given."""
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return {
        str(each["loc"][0]): _WORDED.get(each["type"], N_("Write this in another way"))
        for each in problems
        if each["loc"]
    }
