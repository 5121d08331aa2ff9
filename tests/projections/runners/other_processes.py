"""What the tests of the runner run in processes of their own, to kill them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from projections.runner import Runner
from projections.store import Moved, SheetStore
from spowatch.store.log_reader import SqliteLogReader
from spowatch.store.log_sqlite import SqliteLog
from tests.projections.runners.places import Open, in_database, in_file
from tests.projections.runners.tally import InSteps, runner, table

_STEP = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the log is, and the sheet: in a file, or in a database."""

    log: Path
    file: Path | None = None
    dsn: str = ""

    @contextmanager
    def opened(self) -> Iterator[Open]:
        with in_file(self.file) if self.file else in_database(self.dsn) as opened:
            yield opened


@contextmanager
def working(kept: Kept, *, in_steps: bool = False) -> Iterator[tuple[Runner[object], SheetStore]]:
    with kept.opened() as opened, closing(SqliteLog(kept.log)) as log:
        store, reader = opened(table()), SqliteLogReader(log)
        stepping = InSteps(reader, [_STEP] * 100_000) if in_steps else reader
        yield runner(store, stepping, log), store  # type: ignore[misc]  # whatever the rows are


def keep_up(kept: Kept, ready: Connection) -> None:
    """A few events at a time, until killed."""
    with working(kept, in_steps=True) as (reading, _):
        ready.send("ready")
        while True:
            reading.work(0.02)


def make_anew(kept: Kept, ready: Connection) -> None:
    """Again and again, until killed."""
    with working(kept) as (making, _):
        ready.send("ready")
        while True:
            try:
                making.rebuild()
            except Moved:  # another one that began later has taken over
                continue
