"""The role `measure`, built from settings: what it follows, and where it looks how far each stage is."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING
from uuid import UUID

from domain.desk.case import AlertCase
from projections.deadline_sheet import DeadlineSheet
from projections.store import SheetStore
from spowatch.metrics.measuring import Measuring, Seen
from spowatch.metrics.on_record import OnRecord
from spowatch.metrics.stages import Growth
from spowatch.settings.root import KafkaTransport
from spowatch.sheet_names import SheetName
from spowatch.store.checkpoints import KeptCheckpoints
from spowatch.wiring.ledger import opened_ledger
from spowatch.wiring.log import whole_reader
from spowatch.wiring.projections import projection, there_are_projections
from spowatch.wiring.seal import kept_checkpoints, newest_of
from spowatch.wiring.sheets import opened_sheet, there_is_a_sheet

if TYPE_CHECKING:
    from consumers.relay_ledger import RelayLedger
    from spowatch.open_store import Store


@contextmanager
def measuring(store: "Store", clock: Callable[[], datetime]) -> Iterator[Measuring]:
    meters = store.meters

    def case_of(alert: UUID) -> AlertCase:
        return store.register.read(AlertCase(alert))

    with ExitStack() as stack:
        yield Measuring(
            whole_reader(store.log),
            store.register,
            OnRecord(meters.desk, case_of),
            Growth(meters.stages),
            partial(_looked, _Places(store, clock, stack), store),
            (clock, monotonic),
        )


class _Places:
    """What keeps its own position, each opened when it is first there, and open until the end."""

    def __init__(self, store: "Store", clock: Callable[[], datetime], stack: ExitStack) -> None:
        self._store = store
        self._clock = clock
        self._stack = stack
        self._sheet: DeadlineSheet | None = None
        self._ledger: RelayLedger | None = None
        self._kept: KeptCheckpoints | None = None
        self._sheets: dict[SheetName, SheetStore] = {}

    def sheet(self) -> DeadlineSheet | None:
        if self._sheet is None and there_is_a_sheet(self._store.settings):
            self._sheet = self._stack.enter_context(opened_sheet(self._store.settings))
        return self._sheet

    def sheets(self) -> dict[SheetName, SheetStore]:
        if not self._sheets and there_are_projections(self._store.settings):
            for name in SheetName:
                opened = projection(name, self._store, self._clock)
                self._sheets[name] = self._stack.enter_context(opened)[1]
        return self._sheets

    def sealed(self) -> int:
        if self._kept is None:
            self._kept = self._stack.enter_context(kept_checkpoints(self._store.settings))
        last = newest_of(self._kept)
        return 0 if last is None else last.position

    def ledger(self) -> "RelayLedger | None":
        transport = self._store.settings.transport
        if self._ledger is None and isinstance(transport, KafkaTransport):
            opened = opened_ledger(self._store.settings, transport.prefix)
            self._ledger = self._stack.enter_context(opened)
        return self._ledger


def _looked(places: _Places, store: "Store") -> Seen:
    positions = {name: at for name, at in store.log.bookmarks().items() if not _not_told(name)}
    for name, sheet in places.sheets().items():
        positions[f"sheet:{name}"] = sheet.live_position() or 0
    positions["seal"] = places.sealed()
    ledger, deadlines = places.ledger(), places.sheet()
    if ledger is not None:
        positions["relay"] = ledger.position()
    if deadlines is None:
        return Seen(positions, None, None)
    return Seen(positions | {"sweep": deadlines.position}, deadlines.swept_at, deadlines.next_due())


def _not_told(name: str) -> bool:
    """Places at the broker, receipts of line tests, and each console: one that is gone stays behind for ever."""
    return "@" in name or name.startswith(("line:", "console:"))
