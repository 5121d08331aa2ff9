"""The line test, built from settings: who is asked how far it is, and who is told what came of it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from consumers.heartbeat import Heartbeat
from consumers.line_tester import RELAY, SWEEP, LineTester, Pace, Round
from consumers.line_watch import LineWatch
from projections.deadline_sheet import DeadlineSheet
from spowatch.metrics.of_roles import LineMeters
from spowatch.settings.root import KafkaTransport, Settings
from spowatch.wiring.ledger import opened_ledger
from spowatch.wiring.sheets import opened_sheet, there_is_a_sheet

if TYPE_CHECKING:
    from spowatch.open_store import Store

_log = structlog.get_logger()


@contextmanager
def testing_the_line(store: "Store", clock: Callable[[], datetime]) -> Iterator[LineTester]:
    settings = store.settings
    store.meters.line.succeeded.set(clock().timestamp())
    with ExitStack() as stack:
        probes: dict[str, Callable[[], int]] = {SWEEP: _sweep_probe(settings, clock)}
        if isinstance(settings.transport, KafkaTransport):
            ledger = stack.enter_context(opened_ledger(settings, settings.transport.prefix))
            probes[RELAY] = ledger.position
        yield LineTester(
            store.register,
            clock,
            monotonic,
            probes,
            _told(_heartbeat(settings), store.meters.line),
            Pace(settings.line_test.every, settings.line_test.answer_within),
        )


def line_watch(settings: Settings, clock: Callable[[], datetime]) -> LineWatch:
    """What a console expects of the line."""
    within = settings.line_test.every + settings.line_test.answer_within
    return LineWatch(settings.line_path, monotonic, clock, within=within)


def _sweep_probe(settings: Settings, clock: Callable[[], datetime]) -> Callable[[], int]:
    """How far the sweep has read, if it also tells what is due: nowhere, while it does not."""
    allowed = settings.line_test.answer_within

    def probe() -> int:
        if not there_is_a_sheet(settings):
            return 0
        with opened_sheet(settings) as sheet:
            return sheet.position if _sweeps(sheet, clock(), allowed) else 0

    return probe


def _sweeps(sheet: DeadlineSheet, now: datetime, allowed: float) -> bool:
    """A sweep says each second when it last looked."""
    swept_at = sheet.swept_at
    return swept_at is not None and abs((now - swept_at).total_seconds()) <= allowed


def _heartbeat(settings: Settings) -> Heartbeat | None:
    if settings.heartbeat is None:
        return None
    told = settings.heartbeat
    return Heartbeat(told.url, lambda why: _log.error("no heartbeat", why=why), inside=told.inside)


def _told(heartbeat: Heartbeat | None, meters: LineMeters) -> Callable[[Round], None]:
    def told(found: Round) -> None:
        meters.tested.set(found.begun_at.timestamp())
        meters.silent.set(len(found.silent))
        if found.silent:
            _log.error("stages silent", stages=list(found.silent), position=found.position)
        else:
            meters.succeeded.set(found.begun_at.timestamp())
        if heartbeat is not None:
            heartbeat.beat(found.silent)

    return told
