"""The audit of the deadline sheet: every pending row worked out again from the log."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.alerts import AlertRaised
from domain.batches import halved
from domain.clocked import Clocked, agenda_now, read_clocked
from domain.deadlines import Agenda, Deadline
from domain.desk.case import AlertCase
from domain.orders import OrderOpened
from domain.register import OrderRegister
from domain.sheet_audits import SheetAudited
from projections.deadline_sheet import DeadlineSheet

_BATCH = 500
_IN_FLUX = timedelta(seconds=2)
"""Rows due sooner are being swept while we look."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that should be there and is not, or the other way round. `alert` is None for an order's."""

    order: str
    fault: str
    deadline: Deadline
    alert: UUID | None = None


class SheetAudit:
    """Compares, reports and puts right. It reads the log itself; the sheet is only looked at."""

    def __init__(
        self, sheet: DeadlineSheet, register: OrderRegister, now: Callable[[], datetime]
    ) -> None:
        self._sheet = sheet
        self._register = register
        self._now = now
        self.differences: list[Difference] = []
        self._orders = self._rows = self._moved = 0

    def run(self) -> SheetAudited:
        """Look at every order and every alert on the register. The differences are in `differences`."""
        for batch in self._batches():
            self._audit(batch)
        missing = sum(each.fault == "missing" for each in self.differences)
        return SheetAudited(
            orders=self._orders,
            rows=self._rows,
            missing=missing,
            surplus=len(self.differences) - missing,
            moved_meanwhile=self._moved,
        )

    def _batches(self) -> Iterator[list[UUID]]:
        after, page = 0, _BATCH
        while page == _BATCH:
            opened = self._register.recorder.select_notifications(
                after,
                _BATCH,
                topics=[OrderOpened.TOPIC, AlertRaised.TOPIC],
                inclusive_of_start=False,
            )
            page = len(opened)
            after = opened[-1].id if opened else after
            yield [each.originator_id for each in opened]  # type: ignore[misc]  # never text here

    def _audit(self, identities: Sequence[UUID]) -> None:
        def read(some: Sequence[UUID]) -> dict[UUID, Clocked]:
            return read_clocked(self._register, some)

        found = self._sheet.agendas(identities)
        orders = halved(identities, read, _left_to_the_sweep) if identities else {}
        wrong = {}
        for identity, order in orders.items():
            agenda = self._compared(order, found.get(identity))
            if agenda is not None:
                wrong[identity] = agenda
        self._sheet.put(wrong, 0)

    def _compared(self, order: Clocked, found: Agenda | None) -> Agenda | None:
        """What the sheet should hold, where it does not."""
        now = self._now()
        if found is not None and found.version != order.version:
            self._moved += 1
            return None
        right = agenda_now(order, now)
        wanted = _settled(right, now)
        held = set() if found is None else _settled(found, now)
        self._orders, self._rows = self._orders + 1, self._rows + len(wanted)
        self._differ(order, "missing", wanted - held)
        self._differ(order, "surplus", held - wanted)
        return right if wanted != held else None

    def _differ(self, order: Clocked, fault: str, deadlines: set[Deadline]) -> None:
        for deadline in sorted(deadlines, key=lambda each: (each.due_at, each.kind, each.about)):
            alert = order.id if isinstance(order, AlertCase) else None
            self.differences.append(Difference(order.reference, fault, deadline, alert))


def _settled(agenda: Agenda, now: datetime) -> set[Deadline]:
    return {each for each in agenda.deadlines if each.due_at > now + _IN_FLUX}


def _left_to_the_sweep(_: UUID, __: Exception) -> None:
    """An order that cannot be read is put before a person by the sweep."""
