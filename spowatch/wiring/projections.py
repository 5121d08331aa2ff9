"""How the sheets that a runner fills are kept: the one place where their kind is chosen.

PostgreSQL's driver takes 0.1 s to load, so it is loaded where there is a database.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import structlog
from eventsourcing.persistence import IntegrityError, Notification

from domain.parked import park
from domain.published import OrderEvent
from projections.arrest_board import ArrestBoardSheet
from projections.caseload import caseload
from projections.court_diary import court_diary
from projections.folding import Past
from projections.name_index import AT_ONCE, TOPICS, NameIndex
from projections.order_register import order_register
from projections.projecting import Projecting
from projections.runner import LogReader, Runner
from projections.shared_reading import SharedReading
from projections.sheet import Reading, Sheet, Table
from projections.sqlite import SqliteSheetStore, made
from projections.statistics import statistics
from projections.store import SheetStore
from spowatch.settings.root import PostgresLogSettings, Settings, SqliteLogSettings
from spowatch.sheet_faults import sheet_faults_named
from spowatch.sheet_names import SheetName
from spowatch.store.log_watch import LogWatch
from spowatch.wiring.log import whole_reader

if TYPE_CHECKING:
    from spowatch.open_store import Store

_log = structlog.get_logger()


_SHEETS: Mapping[SheetName, Callable[[Reading], Sheet[Any]]] = MappingProxyType(
    {
        SheetName.ARREST_BOARD: ArrestBoardSheet,
        SheetName.CASELOAD: caseload,
        SheetName.COURT_DIARY: court_diary,
        SheetName.ORDER_REGISTER: order_register,
        SheetName.STATISTICS: statistics,
    }
)


@contextmanager
def projecting(store: "Store", clock: Callable[[], datetime]) -> Iterator[Projecting]:
    """All of them, kept up to the log by one worker."""
    reading = SharedReading(whole_reader(store.log), store.log.select_streams)
    with ExitStack() as stack:
        ways = (reading, reading.past)
        kept = [stack.enter_context(_kept(name, store, clock, *ways)) for name in SheetName]
        yield Projecting([runner for runner, _ in kept])


@contextmanager
def projection(
    name: SheetName, store: "Store", clock: Callable[[], datetime]
) -> Iterator[tuple[Runner[Any], SheetStore]]:
    """One sheet, and what keeps it up to the log."""
    ways = (whole_reader(store.log), store.log.select_streams)
    with _kept(name, store, clock, *ways) as kept:
        yield kept


@contextmanager
def _kept(
    name: SheetName, store: "Store", clock: Callable[[], datetime], reader: LogReader, past: Past
) -> Iterator[tuple[Runner[Any], SheetStore]]:
    sheet = _SHEETS[name](store.mapper.to_domain_event)

    def said(event: OrderEvent, fault: Exception) -> None:
        """An event that a sheet cannot hold is put before a person, once."""
        what = {"position": event.position, "event_type": event.topic}
        _log.error("event parked by a sheet", sheet=name, fault=type(fault).__name__, **what)
        with suppress(IntegrityError):  # another runner said it in the same moment
            store.register.keep([park(store.register, name, event, fault, clock())])

    with sheet_store(store.settings, sheet.table) as rows:
        yield Runner(sheet, rows, reader, past, said), rows


@contextmanager
def sheet_store(settings: Settings, table: Table) -> Iterator[SheetStore]:
    """Where the rows of that table are kept: beside the log."""
    match settings.log:
        case SqliteLogSettings():
            path = settings.projections_path
            with sheet_faults_named(path):
                made(path)
                with (
                    closing(LogWatch(path)) as watch,
                    closing(SqliteSheetStore(path, table, watch)) as file,
                ):
                    yield file
        case PostgresLogSettings() as postgres:
            from projections.postgres import CHANNEL, PostgresSheetStore
            from spowatch.store.log_watch_postgres import PostgresWatch
            from spowatch.store.postgres_connection import PostgresServer
            from spowatch.store.postgres_faults import ServerFaultsNamed

            dsn = postgres.dsn.get_secret_value()
            server = PostgresServer(dsn, environment=os.environ)
            with (
                ServerFaultsNamed(server.place),
                closing(PostgresWatch(server, CHANNEL)) as watch_,
                closing(PostgresSheetStore(server.connect, table, watch_)) as database,
            ):
                yield database


def there_are_projections(settings: Settings) -> bool:
    """Whether anything may have been filled yet; a database has room for them from the start."""
    return not isinstance(settings.log, SqliteLogSettings) or settings.projections_path.exists()


def name_index(store: "Store") -> NameIndex:
    """Finds people by name, once it has been worked; it holds nothing open."""

    def told(after: int, upto: int) -> Sequence[Notification]:
        log = store.log
        return log.select_notifications(
            after, AT_ONCE, stop=upto, topics=TOPICS, inclusive_of_start=False
        )

    return NameIndex(told, store.mapper.to_domain_event)
