"""A facts file told line by line: an order that cannot be read loses its own facts and no others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import MapperDeserialisationError
from pydantic_core import to_json

from domain.facts.breaches import REPORTS
from domain.submissions import Submission
from spowatch.facts_file import Line
from spowatch.importing import Outcome, import_line
from spowatch.open_store import Store
from spowatch.unread_messages import not_taken, put_before_a_person

_DOOR = "file"
_RUNBOOK = "docs/runbook/operations.md#unreadable_record"


@dataclass(frozen=True, slots=True)
class OrderUnreadable:
    """An order of a line of which what is on record cannot be read; `case` is who looks into a report."""

    line: int
    order: str
    fault: str
    case: UUID | None

    def report(self) -> dict[str, Any]:
        return {
            "line": self.line,
            "order": self.order,
            "code": "ORDER_UNREADABLE",
            "fault": self.fault,
            "reason": f"What is on record of this order cannot be read ({self.fault}), so nothing was recorded on it.",
            "action": f"Tell whoever is on call; see {_RUNBOOK}",
            "case": None if self.case is None else str(self.case),
        }


def _named(fault: Exception) -> str:
    """Which record it is, where that is known; what another fault says may be of a person."""
    return str(fault) if isinstance(fault, MapperDeserialisationError) else type(fault).__name__


class FileImport:
    """Tells the register what a file says; with `dry_run` it decides, and saves nothing."""

    def __init__(self, store: Store, clock: Callable[[], datetime], *, dry_run: bool) -> None:
        self._store = store
        self._clock = clock
        self._dry_run = dry_run

    def tell(self, line: Line) -> tuple[Outcome, list[OrderUnreadable]]:
        now = self._clock()
        unreadable: list[OrderUnreadable] = []

        def give_up(submission: Submission, fault: Exception) -> None:
            case = None if self._dry_run else self._kept(line, submission, fault, now)
            unreadable.append(
                OrderUnreadable(line.number, submission.reference, _named(fault), case)
            )

        register = self._store.register
        outcome = import_line(line, register, now=now, dry_run=self._dry_run, give_up=give_up)
        return outcome, unreadable

    def _kept(
        self, line: Line, submission: Submission, fault: Exception, now: datetime
    ) -> UUID | None:
        """Where it reports a breach a person looks into it, as when it had come over HTTP."""
        if not any(isinstance(each.fact, REPORTS) for each in submission.statements):
            return None
        why = f"line {line.number} of a file: the register cannot take it: {type(fault).__name__}"
        raw = to_json(line.case)
        unread = not_taken(_DOOR, "import", submission.reference, raw, why)
        return put_before_a_person(self._store.register, unread, now)
