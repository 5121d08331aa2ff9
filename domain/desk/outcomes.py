"""What can come of an alert: a closed list with a version, and the questions asked at closing."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.alerts import AlertClass

OUTCOMES_VERSION = 1
"""Raised whenever an outcome is added or its words change; the version stands on each record."""


class OutcomeCode(StrEnum):
    """What came of it. A code never changes its meaning."""

    ARRESTED = "arrested"
    ARRESTED_BY_OTHER_FORCE = "arrested_by_other_force"
    VOLUNTARY_ATTENDANCE = "voluntary_attendance"
    LOCATED_NOT_ARRESTED = "located_not_arrested"
    NOT_LOCATED_CIRCULATED = "not_located_circulated"
    ALREADY_IN_CUSTODY = "already_in_custody"
    NO_OFFENCE_NOT_IN_FORCE = "no_offence_not_in_force"
    NO_OFFENCE_NOT_SERVED = "no_offence_not_served"
    NO_OFFENCE_TERM_VARIED = "no_offence_term_varied"
    NO_OFFENCE_REASONABLE_EXCUSE = "no_offence_reasonable_excuse"
    NO_OFFENCE_MISTAKEN_IDENTITY = "no_offence_mistaken_identity"
    FALSE_ALARM_DEVICE = "false_alarm_device"
    FALSE_ALARM_LOCATION = "false_alarm_location"
    FALSE_ALARM_DATA = "false_alarm_data"
    FALSE_ALARM_RULE = "false_alarm_rule"
    DUPLICATE_OF = "duplicate_of"
    TRANSFERRED = "transferred"
    SOURCE_WITHDRAWN = "source_withdrawn"
    TASK_DONE = "task_done"
    EXERCISE = "exercise"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The words people see, and what must be stated with it."""

    words: str
    reference: str = ""
    """What reference must be given; empty where none is needed."""
    reason: bool = False
    supervisor: bool = False


_O = OutcomeCode
OUTCOMES = MappingProxyType(
    {
        _O.ARRESTED: Outcome("Arrested", reference="custody record"),
        _O.ARRESTED_BY_OTHER_FORCE: Outcome(
            "Arrested by another force", reference="custody record"
        ),
        _O.VOLUNTARY_ATTENDANCE: Outcome("Voluntary attendance arranged", reference="appointment"),
        _O.LOCATED_NOT_ARRESTED: Outcome("Located, not arrested", reason=True, supervisor=True),
        _O.NOT_LOCATED_CIRCULATED: Outcome("Not located, circulated", reference="circulation"),
        _O.ALREADY_IN_CUSTODY: Outcome("Already in custody", reference="custody record"),
        _O.NO_OFFENCE_NOT_IN_FORCE: Outcome("No offence: not in force at the time", reason=True),
        _O.NO_OFFENCE_NOT_SERVED: Outcome("No offence: not served and not known", reason=True),
        _O.NO_OFFENCE_TERM_VARIED: Outcome("No offence: the term had been varied", reason=True),
        _O.NO_OFFENCE_REASONABLE_EXCUSE: Outcome(
            "No offence: reasonable excuse", reason=True, supervisor=True
        ),
        _O.NO_OFFENCE_MISTAKEN_IDENTITY: Outcome("No offence: mistaken identity", reason=True),
        _O.FALSE_ALARM_DEVICE: Outcome("False alarm: device", reason=True),
        _O.FALSE_ALARM_LOCATION: Outcome("False alarm: location drift", reason=True),
        _O.FALSE_ALARM_DATA: Outcome("False alarm: error in the data", reason=True),
        _O.FALSE_ALARM_RULE: Outcome("False alarm: error in a rule", reason=True),
        _O.DUPLICATE_OF: Outcome("The same as another alert", reference="the other alert"),
        _O.TRANSFERRED: Outcome("With another force", reference="their reference"),
        _O.SOURCE_WITHDRAWN: Outcome("Withdrawn at its source"),
        _O.TASK_DONE: Outcome("Done"),
        _O.EXERCISE: Outcome("Exercise or test"),
    }
)
"""Contact that the protected person began is still a breach: there is no outcome that says it is none."""


class Question(StrEnum):
    """What the close form asks. Inspectors found breaches closed without it being asked."""

    PATTERN_CONSIDERED = "pattern_considered"
    CRIME_RECORDED = "crime_recorded"
    STALKING_CONSIDERED = "stalking_considered"
    VARIATION_CONSIDERED = "variation_considered"


WORDS_OF = MappingProxyType(
    {
        Question.PATTERN_CONSIDERED: "Were the person's other breaches and orders looked at together?",
        Question.CRIME_RECORDED: "Was the breach recorded as a crime, and under which reference?",
        Question.STALKING_CONSIDERED: "Was it considered whether this is a course of stalking?",
        Question.VARIATION_CONSIDERED: "Does the order need to be varied to protect better?",
    }
)
_EVERY = tuple(Question)
ASKED = MappingProxyType(
    {
        AlertClass.ARREST: _EVERY,
        AlertClass.REVIEW: _EVERY,
        AlertClass.PROTECTION: (Question.VARIATION_CONSIDERED,),
        AlertClass.TASK: (),
        AlertClass.NOTICE: (),
        AlertClass.TEST: (),
    }
)
TELL_THE_PROTECTED_PERSON = frozenset({AlertClass.ARREST, AlertClass.REVIEW, AlertClass.PROTECTION})
"""Alerts on which the protected person is told; the clock starts with the alert, not the arrest."""

NOTHING_TO_ASK = frozenset({_O.DUPLICATE_OF, _O.EXERCISE, _O.SOURCE_WITHDRAWN})
"""It is asked and told under the other alert, or nothing happened."""
