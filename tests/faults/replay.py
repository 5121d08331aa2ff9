"""Goal A4: everything read again from the beginning, several times over, tells nobody anything new.

`python -m tests.faults replay --orders 10000 --times 3`: a national caseload with a receiver outside; then every
bookmark forgotten, every sheet deleted, and every reader let loose on the whole log. Exit 1 when anything went out, an
alert was added, or a sheet came back another.
"""

import argparse
import json
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from pydantic import SecretStr

from domain.alerts import AlertRaised
from spowatch.demo.demonstration import told_until
from spowatch.open_store import Store
from spowatch.running.register import role
from spowatch.settings.outward import WebhookSettings
from spowatch.sheets import digests
from spowatch.wiring.outward import begin_receivers
from spowatch.wiring.sheets import opened_sheet
from spowatch.wiring.store import migrate, now, opened, sweep, throw_away
from tests.servers.receiver import receiving

LANES = ("outward:webhook", "outward-urgent:webhook")
READERS = ("alert", "reconcile", "episodes", "project", "deliver", *LANES)


@dataclass(frozen=True, slots=True)
class Replayed:
    events: int
    alerts: int
    alerts_added: int
    outward: int
    outward_again: int
    said_again: int
    sheets_differ: int
    times: int
    seconds: float

    @property
    def good(self) -> bool:
        """Nothing was told again; and there was something that could have been."""
        again = self.alerts_added or self.outward_again or self.said_again or self.sheets_differ
        return not again and self.outward > 0


def replayed(folder: Path, orders: int, times: int) -> Replayed:
    begun = monotonic()
    with receiving() as receiver:
        webhook = WebhookSettings(url=SecretStr(receiver.url))
        settings = throw_away(folder).model_copy(update={"webhook": webhook})
        migrate(settings)
        with opened(settings) as store:
            begin_receivers(LANES, store, now())
            for _ in told_until(
                now() - timedelta(minutes=1), store.register, orders=orders, seed=1
            ):
                pass
            read_everything(store)
            alerts, sent, sheets = _alerts(store), len(receiver.reached), _sheets(store)
            said = _said(store)
        differ = 0
        for _ in range(times):
            forget(folder)
            with opened(settings) as store:
                read_everything(store)
                differ += sum(_sheets(store)[name] != each for name, each in sheets.items())
        with opened(settings) as store:
            return Replayed(
                events=store.log.max_notification_id() or 0,
                alerts=alerts,
                alerts_added=_alerts(store) - alerts,
                outward=sent,
                outward_again=len(receiver.reached) - sent,
                said_again=_said(store) - said,
                sheets_differ=differ,
                times=times,
                seconds=round(monotonic() - begun, 1),
            )


def read_everything(store: Store) -> None:
    """Every reader, until none finds anything: by no clock, so that nothing falls due meanwhile."""
    head = -1
    while head != (head := store.log.max_notification_id() or 0):
        with opened_sheet(store.settings) as sheet:
            worker = sweep(store, sheet)
            while worker.read(0):
                pass
        for name in READERS:
            with role(name, store, lambda _: None) as work:
                _until_idle(store, work)


def _until_idle(store: Store, work: Callable[[float], int]) -> None:
    """A lane says how many attempts it made: it is done when it moves its bookmark no further."""
    before: dict[str, int] | None = None
    while work(0) or before != (before := store.log.bookmarks()):
        pass


def forget(folder: Path) -> None:
    """Every bookmark and every sheet; the log, the console's file and what was sent stay."""
    with closing(sqlite3.connect(folder / "log.db")) as log, log:
        log.execute("DELETE FROM tracking")
    for pattern in ("sheets.db*", "projections.db*"):
        for each in folder.glob(pattern):
            each.unlink()


def _alerts(store: Store) -> int:
    return len(store.log.select_notifications(1, 10_000_000, topics=[AlertRaised.TOPIC]))


def _said(store: Store) -> int:
    return len(store.settings.console_path.read_text().splitlines())


def _sheets(store: Store) -> dict[str, str]:
    return digests(store)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults replay", description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="replay-") as folder:
        found = replayed(Path(folder), asked.orders, asked.times)
    print(json.dumps(asdict(found)))
    if not found.good:
        sys.exit(1)
