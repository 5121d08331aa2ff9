"""The audit pack of a force: unserved, un-notified, unchecked, unactioned; each with how long it waits.

NPCC progress report 2025: forces say they audit their orders, by different measures; these are four.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from projections.case_queues import Case, Queue, cases
from web.access import Person
from web.system import System

SECTIONS: Mapping[str, Queue | None] = MappingProxyType(
    {
        "unserved": Queue.UNSERVED,
        "un_notified": Queue.OVERDUE,
        "unchecked": Queue.UNVERIFIED,
        "unactioned": None,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One order in one section. `waits` is None where nobody recorded since when."""

    section: str
    reference: str
    order_id: UUID
    officer: str | None
    waits: timedelta | None
    alert: UUID | None = None


def audit_pack(system: System, person: Person, now: datetime) -> list[Finding]:
    """Every finding of the force, by section, what waits longest first."""
    found = [*_of_cases(system, person, now), *_unactioned(system, person, now)]
    names = list(SECTIONS)
    return sorted(
        found, key=lambda f: (names.index(f.section), -(f.waits or timedelta()), f.reference)
    )


def _of_cases(system: System, person: Person, now: datetime) -> Iterator[Finding]:
    for section, queue in SECTIONS.items():
        if queue is not None:
            told = (system.sheets.caseload, system.register, now, ())
            for case in cases(*told, only={"force": person.force}, queue=queue):
                row = case.row
                waits = _waits(case, queue, now)
                yield Finding(section, row.reference, row.order_id, row.officer, waits)


def _waits(case: Case, queue: Queue, now: datetime) -> timedelta | None:
    if queue is Queue.OVERDUE:
        return case.late_by
    if queue is Queue.UNVERIFIED and case.row.home_notified_at is not None:
        return now - case.row.home_notified_at
    return None


def _unactioned(system: System, person: Person, now: datetime) -> Iterator[Finding]:
    """Alerts of the force that nobody has, by when they were raised."""
    for row in system.board.rows()[0]:
        if row.waits and person.of_force(row.force):
            raised = row.raised
            told = (raised.reference, raised.order_id, None, now - raised.raised_at)
            yield Finding("unactioned", *told, alert=row.id)
