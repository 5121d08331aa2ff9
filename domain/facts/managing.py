"""How the order is managed: who has it, what is to be attended, when it is looked at again."""

from pydantic import AwareDatetime

from domain.conditions import ConditionCode
from domain.facts import Fact
from domain.facts.words import LegalDate, ShortText, StaffNumber, Word


class OfficerAssigned(Fact):
    """An officer took charge of managing the order, in place of whoever had it."""

    TOPIC = "spo.officer-assigned.v1"
    officer: StaffNumber


class AppointmentListed(Fact):
    """The person was told to attend under a requirement of the order (s.2(2))."""

    TOPIC = "spo.appointment-listed.v1"
    condition: ConditionCode
    attend_at: AwareDatetime
    provider: ShortText | None = None


class AppointmentKept(Fact):
    """The person attended."""

    TOPIC = "spo.appointment-kept.v1"
    condition: ConditionCode


class ReviewListed(Fact):
    """The order, or the record kept of it, is to be looked at again; the last such date counts."""

    TOPIC = "spo.review-listed.v1"
    on: LegalDate
    reason: Word | None = None
