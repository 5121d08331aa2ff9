"""S4: what it costs to ask the sheet when something is due next, however much is pending."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from spowatch.garbage import collect_garbage_rarely
from tests.bench.log_bench import Figure, seconds

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
_ROUNDS, _PROBES = 15, 2_000
_BARE = "SELECT due_at FROM deadline WHERE urgency = 1 ORDER BY due_at LIMIT 1"
_INDEX = "SELECT sql FROM sqlite_master WHERE name = 'deadline_due'"
_NUMBERS = "WITH RECURSIVE n (i) AS (SELECT {} UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
_DEADLINES = (
    "INSERT INTO deadline SELECT CAST(printf('%016d', i) AS BLOB), 'order_end', 'full-2026-01-01', "
    "5000000000000000 + (i * 2654435761) % 1000000007 * 1000000, 'SPA 2019 s.3', 1 FROM n"
)


def figures(sizes: tuple[int, ...] = SIZES) -> Iterator[Figure]:
    collect_garbage_rarely()
    with TemporaryDirectory(prefix="idle-") as folder:
        path = Path(folder) / "sheets.db"
        held = 0
        for size in sizes:
            SqliteDeadlineSheet(path).close()
            _grow(path, held + 1, size)
            held = size
            yield _probed(path, size)


def _grow(path: Path, first: int, last: int) -> None:
    """More rows by SQL, the index made again at the end: by `put` ten million would take long."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        (index,) = db.execute(_INDEX).fetchone()
        db.execute("PRAGMA synchronous=OFF")
        db.execute("DROP INDEX deadline_due")
        db.execute(_NUMBERS.format(first, last) + _DEADLINES)
        db.execute(index)


def _probed(path: Path, size: int) -> Figure:
    ours, theirs = [], []
    with closing(SqliteDeadlineSheet(path)) as sheet, closing(sqlite3.connect(path)) as bare:
        for _ in range(_ROUNDS):
            ours.append(_microseconds(sheet.next_due))
            theirs.append(_microseconds(lambda: bare.execute(_BARE).fetchone()))
    ratio = median(our / base for our, base in zip(ours, theirs, strict=True))
    name = f"S4 next due of {size:,}"
    return Figure(name, "us; one bare SELECT", median(ours), median(theirs), ratio, "<= 5", ours)


def _microseconds(probe: Callable[[], object]) -> float:
    return seconds(lambda: [probe() for _ in range(_PROBES)]) / _PROBES * 1e6
