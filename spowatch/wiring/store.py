"""Builds the store from settings; with the other modules of this name, the only place that names concrete classes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from eventsourcing.persistence import IntegrityError

from consumers.channels.console import ConsoleFile, console_name
from consumers.console_feed import ConsoleFeed
from consumers.delivery import Board, ConsoleDelivery
from domain.parked import park
from domain.published import OrderEvent
from domain.register import OrderRegister
from domain.sheet_audits import record_audit
from domain.upcasters import UPCASTERS
from projections.deadline_sheet import DeadlineSheet
from scheduler.sheet_audit import Difference, SheetAudit
from scheduler.sweeps import Sweep
from spowatch.logs import described
from spowatch.metrics.meters import Meters
from spowatch.metrics.writes import MeasuredFactory, Told, tell_nobody
from spowatch.open_store import Store
from spowatch.policy_file import EXAMPLE, policies_of, policy_of, repeats_of
from spowatch.settings.http import HttpSettings
from spowatch.settings.owner import confirm_the_user
from spowatch.settings.policy import PolicySettings
from spowatch.settings.root import Settings, read_settings
from spowatch.sheet_faults import sheet_fault
from spowatch.store.mapper import EventMapper
from spowatch.store.shelf import Shelf
from spowatch.wiring.keys import migrate_the_keys, opened_keys
from spowatch.wiring.ledger import migrate_the_ledger
from spowatch.wiring.line import line_watch
from spowatch.wiring.log import confirm_the_ground, migrate_the_log, opened_log, readers_in_use
from spowatch.wiring.seal import migrate_the_seal
from spowatch.wiring.sheets import migrate_the_sheets, opened_sheet
from spowatch.wiring.staffing import concerns

if TYPE_CHECKING:
    from scheduler.clockwork import Clockwork

_log = structlog.get_logger()


def now() -> datetime:
    """The clock of the machine; every other package is told the time."""
    return datetime.now(UTC)


def migrate(settings: Settings) -> None:
    """Create or upgrade the stores. Done once, by an operator; roles never do it.

    Raises `StoreUnavailable`, with nothing changed, where roles.sql of this release was not run.
    """
    confirm_the_ground(settings)
    migrate_the_keys(settings)
    migrate_the_log(settings)
    migrate_the_sheets(settings)
    migrate_the_ledger(settings)
    migrate_the_seal(settings)


@contextmanager
def opened(
    settings: Settings, meters: Meters | None = None, told: Told = tell_nobody
) -> Iterator[Store]:
    """The store, closed again at the end. Raises when it was never migrated.

    `meters` count what is done with it, where anybody asks; `told` hears of what was put on record.
    """
    meters = meters or Meters()
    with ExitStack() as stack:
        keys = stack.enter_context(opened_keys(settings))
        log, events = stack.enter_context(opened_log(settings))
        busy = readers_in_use(log)
        if busy is not None:
            meters.pool.in_use.set_function(busy)
        mapper = EventMapper(keys, upcasters=UPCASTERS)
        policy = policy_of(settings)
        register = OrderRegister(
            MeasuredFactory(log, mapper, meters.writes, told),
            Shelf(),
            routes=settings.routes.commenced(),
            policies_of=lambda force: policies_of(policy, force),
            repeats=lambda: repeats_of(policy),
        )
        yield Store(settings, log, keys, mapper, register, events, policy, meters)


@contextmanager
def delivering(
    store: Store, show: Callable[[dict[str, Any]], None], clock: Callable[[], datetime]
) -> Iterator[ConsoleDelivery]:
    """The console of this data directory; others on the same log have a bookmark of their own."""
    path = store.settings.console_path
    with closing(ConsoleFile(path)) as console:
        feed = ConsoleFeed(console_name(path), store.events, store.log)
        board = Board(line_watch(store.settings, clock), concerns(store))
        yield ConsoleDelivery(feed, store.register, console, show, clock, board)


@contextmanager
def sweeping(store: Store, clock: Callable[[], datetime]) -> "Iterator[Clockwork]":
    from scheduler.clockwork import Clockwork

    faults = store.meters.sweeps.faults

    def fault(found: Exception) -> None:
        faults.inc()
        log_fault(sheet_fault(store.settings.sheets_path, found))

    with ExitStack() as stack:
        sheet = stack.enter_context(opened_sheet(store.settings))
        audit = partial(audit_sheet, store, sheet, clock)
        clockwork = Clockwork(sweep(store, sheet, clock), clock, fault, audit)
        stack.callback(clockwork.close)
        yield clockwork


def sweep(store: Store, sheet: DeadlineSheet, clock: Callable[[], datetime] = now) -> Sweep:
    """A sweep of this store by that clock."""

    def set_aside(order: UUID, fault: Exception) -> None:
        """An order that cannot be read or judged is put before a person, once."""
        _log.error("order set aside by the sweep", order=str(order), fault=type(fault).__name__)
        unread = OrderEvent(position=0, topic="", stream_id=order, version=0)
        store.register.keep([park(store.register, "sweep", unread, fault, clock())])

    return Sweep(sheet, store.events, store.register, clock, set_aside)


def audit_sheet(
    store: Store, sheet: DeadlineSheet, clock: Callable[[], datetime] = now
) -> list[Difference]:
    """Audit the sheet, put the audit on record, once a day, and say what differed."""
    audit = SheetAudit(sheet, store.register, clock)
    audited = audit.run()
    if audit.differences:
        _log.error("deadline sheet differs", missing=audited.missing, surplus=audited.surplus)
    with suppress(IntegrityError):  # the other sweep's audit of the day is as good as this one
        record_audit(store.register, audited, clock())
    return audit.differences


def log_fault(fault: Exception) -> None:
    _log.error("sweep fault", **described(fault))


def settings_for(data_dir: Path | None) -> Settings:
    """The settings, with the store in `data_dir` where one is named. Root is refused another user's."""
    settings = read_settings()
    if data_dir is not None:
        settings = settings.model_copy(update={"data_dir": data_dir})
    confirm_the_user(settings.data_dir)
    return settings


def throw_away(directory: Path, *, with_policy: bool = False) -> Settings:
    """Settings for a store under `directory` and nowhere else, its pages at a free port: demo, tests, training.

    `with_policy`: under the national example of who is told.
    """
    policy = PolicySettings(file=EXAMPLE) if with_policy else None
    return Settings(data_dir=directory, policy=policy, http=HttpSettings(port=0))
