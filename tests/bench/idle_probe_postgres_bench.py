"""S4 on PostgreSQL: what it costs to ask the sheet when something is due next."""

from collections.abc import Callable, Iterator
from contextlib import closing
from statistics import median

import psycopg

from deploy.postgres.server import running
from spowatch.__main__ import collect_garbage_rarely
from spowatch.store.deadline_sheet_postgres import PostgresDeadlineSheet
from spowatch.store.deadline_sheet_schema import migrate_postgres_sheets
from tests.bench.log_bench import Figure, seconds

SIZES = (10_000, 100_000, 1_000_000)
_ROUNDS, _PROBES = 15, 500
_BARE = "SELECT due_at FROM sheets.deadline WHERE urgency = 1 ORDER BY due_at LIMIT 1"
_MORE = """
INSERT INTO sheets.deadline
SELECT md5(i::text)::uuid, '2030-01-01Z'::timestamptz + (i * 2654435761 % 1000000007) * interval '1 s',
    'order_end', 'full-2026-01-01', 'SPA 2019 s.3', 1
FROM generate_series({first}, {last}) AS i
"""


def figures(sizes: tuple[int, ...] = SIZES) -> Iterator[Figure]:
    collect_garbage_rarely()
    with running(shared_buffers="256MB") as cluster:
        dsn = cluster.dsn()
        migrate_postgres_sheets(dsn, environment={})
        held = 0
        for size in sizes:
            with psycopg.connect(dsn, autocommit=True) as bare:
                bare.execute(_MORE.format(first=held + 1, last=size).encode())
                bare.execute("VACUUM ANALYZE sheets.deadline")
            held = size
            yield _probed(dsn, size)


def _probed(dsn: str, size: int) -> Figure:
    ours, theirs = [], []
    with (
        closing(PostgresDeadlineSheet(dsn, environment={})) as sheet,
        psycopg.connect(dsn, autocommit=True, prepare_threshold=0) as bare,
    ):
        for _ in range(_ROUNDS):
            ours.append(_microseconds(sheet.next_due))
            theirs.append(_microseconds(lambda: bare.execute(_BARE, binary=True).fetchone()))
    ratio = median(our / base for our, base in zip(ours, theirs, strict=True))
    name = f"S4 PG next due of {size:,}"
    return Figure(name, "us; one bare SELECT", median(ours), median(theirs), ratio, "<= 150", ours)


def _microseconds(probe: Callable[[], object]) -> float:
    return seconds(lambda: [probe() for _ in range(_PROBES)]) / _PROBES * 1e6
