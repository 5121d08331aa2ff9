"""Duties as a caseload shows them: what to chase first, what is done, and what is in doubt."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from domain.facts.notification import NotificationReceived
from domain.findings import DutyKind
from domain.notification import Duty, DutyState
from domain.position import Position

SOON = timedelta(hours=24)


class Compliance(StrEnum):
    """How an offender manager sorts duties; what is to be chased first comes first."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    DUE = "due"
    DISPUTED = "disputed"
    MET_LATE = "met_late"
    MET = "met"
    LAPSED = "lapsed"


ATTENTION = tuple(Compliance)[:4]
"""What still needs somebody; the rest is shown on asking."""

_STATES = {
    DutyState.MET: Compliance.MET,
    DutyState.MET_LATE: Compliance.MET_LATE,
    DutyState.MISSED: Compliance.OVERDUE,
    DutyState.DISPUTED: Compliance.DISPUTED,
    DutyState.LAPSED: Compliance.LAPSED,
    DutyState.LAPSED_GAP: Compliance.LAPSED,
}


class Owed(BaseModel):
    """A duty to notify, and what came of it; no word of what was notified."""

    model_config = ConfigDict(frozen=True)

    kind: DutyKind
    first_day: date
    last_day: date
    deadline: AwareDatetime
    state: DutyState
    notified_at: AwareDatetime | None
    receipt: str
    """Whether the written acknowledgement that the Act requires of the police was given (s.10(4))."""

    def compliance(self, now: datetime) -> Compliance:
        """`now` is no later than the instant until which the row holds."""
        if self.state is DutyState.OPEN:
            return Compliance.DUE_SOON if self.deadline - now <= SOON else Compliance.DUE
        return _STATES[self.state]

    @property
    def receipt_owed(self) -> bool:
        return self.receipt == _NOT_ISSUED


_NOT_ISSUED = "NOT ISSUED"
_EVERY: TypeAdapter[tuple[Owed, ...]] = TypeAdapter(tuple[Owed, ...])


def owed(position: Position) -> Iterator[Owed]:
    for duty in position.duties:
        given = duty.met_by
        yield Owed(
            kind=duty.kind,
            first_day=duty.window.first_day,
            last_day=duty.window.last_day,
            deadline=duty.window.deadline,
            state=duty.state,
            notified_at=None if given is None else given.envelope.occurred_at,
            receipt=_receipt(duty),
        )


def _receipt(duty: Duty) -> str:
    given = None if duty.met_by is None else duty.met_by.event
    if not isinstance(given, NotificationReceived):
        return ""
    if given.acknowledgement_issued is None:
        return "not recorded"
    return "issued" if given.acknowledgement_issued else _NOT_ISSUED


def packed(duties: Sequence[Owed]) -> str:
    return _EVERY.dump_json(tuple(duties)).decode()


def unpacked(told: str) -> tuple[Owed, ...]:
    return _EVERY.validate_json(told)
