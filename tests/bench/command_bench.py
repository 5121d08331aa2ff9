"""One command on SQLite, durable, beside the same rows put in by hand."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

from domain.vocabulary import Statement
from spowatch.open_store import Store
from spowatch.store.log_schema import migrate_log
from spowatch.store.sqlite_connection import connect
from spowatch.wiring.store import opened
from tests.bench.log_bench import Figure, seconds
from tests.bench.registers import NOW, breach, new_store, open_orders, state

ROUNDS = 15
COMMANDS = 40
_INSERT = "INSERT INTO events (originator_id, originator_version, topic, state) VALUES (?, ?, ?, ?)"
_ROWS = (
    "SELECT position, originator_id, originator_version, topic, state FROM events "
    "WHERE position > ? ORDER BY position"
)
Row = tuple[bytes, int, str, bytes]


def figures() -> Iterator[Figure]:
    """A breach report with a key on an order of some fifteen events: loaded, decided, saved."""
    with new_store() as store:
        raw_log = store.settings.data_dir / "raw.db"
        migrate_log(raw_log)
        with closing(connect(raw_log)) as raw:
            references, numbers = open_orders(store.register, ROUNDS * COMMANDS), count(1)
            with opened(store.settings) as afresh:  # a register that has read nothing yet
                yield _against("order read from the log", afresh, raw, references, numbers)
                yield _against("order kept from before", afresh, raw, references, numbers)


def _against(
    name: str,
    store: Store,
    raw: sqlite3.Connection,
    references: Sequence[str],
    numbers: Iterator[int],
) -> Figure:
    ours, theirs, ratios = [], [], []
    for turn in range(ROUNDS):
        some = references[turn * COMMANDS : (turn + 1) * COMMANDS]
        before = store.log.max_notification_id() or 0
        ours.append(seconds(partial(_report_each, store, some, numbers)))
        commits = _commits(store.settings.log_path, before, len(some))
        theirs.append(seconds(partial(_insert_each, raw, commits)))
        ratios.append(theirs[-1] / ours[-1])
    value, base = (COMMANDS / median(times) for times in (ours, theirs))
    return Figure(
        f"command, {name}", "commands/s", value, base, median(ratios), ">= 0.5 of raw", ratios
    )


def _report_each(store: Store, references: Sequence[str], numbers: Iterator[int]) -> None:
    at = NOW - timedelta(minutes=1)
    for reference in references:
        state(store.register, reference, [_one_more(at, next(numbers))])


def _one_more(at: datetime, number: int) -> Statement:
    return breach(at, f"further-{number}", f"bench-{number}")


def _commits(log: Path, after: int, count: int) -> list[list[Row]]:
    """The rows of each of the last `count` commits, under streams of their own."""
    with closing(connect(log)) as copied:
        rows = [row[1:] for row in copied.execute(_ROWS, (after,))]
    size, left = divmod(len(rows), count)
    if left:
        msg = "the commands did not all leave the same number of rows"
        raise ValueError(msg)
    return [rows[first : first + size] for first in range(0, len(rows), size)]


def _insert_each(raw: sqlite3.Connection, commits: Sequence[Sequence[Row]]) -> None:
    for rows in commits:
        raw.execute("BEGIN")
        for row in rows:
            raw.execute(_INSERT, row)
        raw.execute("COMMIT")
