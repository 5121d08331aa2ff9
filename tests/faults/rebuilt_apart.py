"""Makes every sheet of a store anew, in a Python and with a page size of somebody's choosing, and prints their hashes.

`python -m tests.faults.rebuilt_apart FOLDER PAGE [DSN]`: needs what `requirements.lock` pins and no more.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eventsourcing.persistence import Notification
from pydantic import SecretStr

from projections.runner import LogReader, Runner
from projections.store import SheetStore, digest_of
from spowatch import pending
from spowatch.open_store import Store
from spowatch.settings.root import PostgresLogSettings, Settings
from spowatch.sheet_names import SheetName
from spowatch.wiring.log import whole_reader
from spowatch.wiring.projections import _SHEETS, sheet_store
from spowatch.wiring.store import opened, throw_away


class Unreadable(Exception):
    """An event that no sheet could hold."""


class Paged:
    """A reader that gives no more than a page at once, however many are asked for."""

    def __init__(self, reader: LogReader, page: int) -> None:
        self._reader = reader
        self._page = page

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[Notification]:
        return self._reader.read(after, limit=min(limit, self._page), wait=wait)


def settings_of(folder: Path, dsn: str = "") -> Settings:
    settings = throw_away(folder)
    if not dsn:
        return settings
    log = PostgresLogSettings(kind="postgres", dsn=SecretStr(dsn))
    return settings.model_copy(update={"log": log})


def rebuilt(store: Store, page: int) -> dict[str, str]:
    """Every sheet made anew from pages of that size; its hash by its name."""
    found = {}
    for name in SheetName:
        with _runner(store, name, page) as (runner, rows):
            runner.rebuild()
            runner.catch_up(store.log.max_notification_id() or 0)
            found[str(name)] = digest_of(rows.rows())
    pending.rebuilt(store)
    return found | pending.digests(store)


@contextmanager
def _runner(store: Store, name: SheetName, page: int) -> Iterator[tuple[Runner[Any], SheetStore]]:
    def said(*_: object) -> None:
        raise Unreadable(name)

    sheet = _SHEETS[name](store.mapper.to_domain_event)
    with sheet_store(store.settings, sheet.table) as rows:
        reader = Paged(whole_reader(store.log), page)
        yield Runner(sheet, rows, reader, store.log.select_streams, said), rows


if __name__ == "__main__":
    with opened(settings_of(Path(sys.argv[1]), *sys.argv[3:])) as opened_store:
        print(json.dumps(rebuilt(opened_store, int(sys.argv[2]))))
