"""An alert as a row of the arrest board: what it asks, how urgent, who has it. Nobody's name."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.alerts import ALERT_CLASS, BREACHES, AlertClass, AlertRaised, Priority
from domain.desk.hands import DeskRole
from domain.desk.record import AlertOnRecord, Stage

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 10**16
"""Microseconds; past every instant a row can have."""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """An open alert as of one version of it. `position` is that of its last change in the log."""

    id: UUID
    position: int
    version: int
    raised: AlertRaised
    force: str
    priority: int
    stage: Stage
    owner: str | None
    lease_until: datetime | None
    tells: DeskRole | None
    tells_at: datetime | None
    next_change: datetime | None
    offered_to: str | None
    held_until: datetime | None
    withdrawn: bool
    resounded: int
    presented: bool
    telling_open: bool
    telling_overdue: bool
    told_at: datetime | None
    subject_id: UUID | None
    same_person: int = 1
    """How many alerts about this person are open: their pattern, not one act after another."""

    @property
    def alert_class(self) -> AlertClass:
        return ALERT_CLASS[self.raised.code]

    def is_for(self, force: str) -> bool:
        """Whether it is that force's to take; what is of no force is everybody's until one takes it."""
        return self.force in ("", force)

    @property
    def waits(self) -> bool:
        """Whether nobody has it."""
        return self.owner is None and self.held_until is None

    @property
    def ends(self) -> datetime | None:
        """When time alone makes another row of it: its hold or its lease is over."""
        ends = (self.held_until, self.lease_until)
        return min((each for each in ends if each is not None), default=None)

    @property
    def sounds(self) -> bool:
        return self.waits and self.priority == Priority.IMMEDIATE

    @property
    def episode(self) -> UUID | None:
        """The person, of a breach: their open breaches stand together."""
        return self.subject_id if self.raised.code in BREACHES else None

    @property
    def order(self) -> str:
        """Rows stand in the order of this text: the most urgent first, then the newest."""
        return f"{self.priority}-{self.newest_first}"

    @property
    def shown(self) -> "BoardRow":
        """The same for two rows that look the same: without what no board shows of this one."""
        stage = Stage.RAISED if self.owner is None else self.stage
        again = min(self.resounded, 1)
        unseen = replace(self, position=0, version=0, presented=False, next_change=None)
        return replace(unseen, stage=stage, resounded=again)

    @property
    def newest_first(self) -> str:
        """The acts of an episode stand in the order of this text."""
        before_the_last = _LAST - (self.raised.raised_at - _FIRST) // timedelta(microseconds=1)
        return f"{before_the_last:017d}-{self.id.hex}"


def forces_of(row: BoardRow) -> tuple[str, ...]:
    """Those whose business it is: who has it, whose order it is, who it is offered to."""
    return (row.force, row.raised.force, row.offered_to or "")


def row_of(case: AlertOnRecord, position: int, now: datetime) -> BoardRow | None:
    """The row of an open alert as of `now`; None when nobody has to look at it any more."""
    return as_it_stands(case, position, now) if case.open else None


def as_it_stands(case: AlertOnRecord, position: int, now: datetime) -> BoardRow | None:
    """The same of one that is over too; None where there is no such alert."""
    if case.raised is None:
        return None
    tells, tells_at = _next_told(case)
    owner = case.ownership.owner_at(now)
    offer = case.transfer.offer
    return BoardRow(
        id=case.id,
        position=position,
        version=case.version,
        raised=case.raised,
        force=case.force,
        priority=case.priority,
        stage=case.stage,
        owner=owner,
        lease_until=None if owner is None else case.ownership.lease_until,
        tells=tells,
        tells_at=tells_at,
        next_change=case.next_change,
        offered_to=None if offer is None else offer.to_force,
        held_until=_held_until(case, now),
        withdrawn=case.withdrawn is not None,
        resounded=len(case.resounded),
        presented=case.presented_at is not None,
        telling_open=case.telling.open,
        telling_overdue=case.telling.open and case.telling.overdue,
        told_at=case.telling.told_at,
        subject_id=case.subject_id,
    )


def _held_until(case: AlertOnRecord, now: datetime) -> datetime | None:
    """None once it is past, be it that no sweep has looked at it yet."""
    until = case.holding.until
    return until if until is not None and now < until and case.escalation.policy is None else None


def _next_told(case: AlertOnRecord) -> tuple[DeskRole | None, datetime | None]:
    """Who is told next, and when; also before the clock has put the escalation on record."""
    step = case.escalation.fired()
    if step is not None:
        return step.tells, step.due_at
    if case.raised is None or case.escalation.policy is not None or case.ownership.staff:
        return None, None
    first = case.policies[case.priority].steps[0]
    begins = case.holding.until or case.raised.raised_at
    return first.tells, begins + timedelta(seconds=first.after)
