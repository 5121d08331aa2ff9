"""S4 on PostgreSQL: what it costs to ask the sheet when something is due next.

Sheets of every length are asked by turns, on one server that has written its pages back: what the
machine does meanwhile, it does to all of them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from statistics import median

import psycopg

from deploy.postgres.server import Cluster, running
from spowatch.garbage import collect_garbage_rarely
from spowatch.store.deadline_sheet_postgres import PostgresDeadlineSheet
from spowatch.store.deadline_sheet_schema import migrate_postgres_sheets
from tests.bench.log_bench import Figure, seconds

SIZES = (10_000, 100_000, 1_000_000)
_ROUNDS, _PROBES = 30, 250
_BARE = "SELECT due_at FROM sheets.deadline WHERE urgency = 1 ORDER BY due_at LIMIT 1"
_ROWS = """
INSERT INTO sheets.deadline
SELECT md5(i::text)::uuid, '2030-01-01Z'::timestamptz + (i * 2654435761 % 1000000007) * interval '1 s',
    'order_end', 'full-2026-01-01', 'SPA 2019 s.3', 1
FROM generate_series(1, {rows}) AS i
"""

Probes = tuple[Callable[[], object], Callable[[], object]]
"""Ours, and a bare SELECT."""


def figures(sizes: tuple[int, ...] = SIZES) -> Iterator[Figure]:
    collect_garbage_rarely()
    with running(shared_buffers="256MB") as cluster, ExitStack() as stack:
        probes = {size: _filled(cluster, size, stack) for size in sizes}
        with psycopg.connect(cluster.dsn(), autocommit=True) as administrator:
            administrator.execute("CHECKPOINT")
        rounds = [
            {size: tuple(map(_microseconds, each)) for size, each in probes.items()}
            for _ in range(_ROUNDS)
        ]
    for size in sizes:
        ours, theirs = (list(each) for each in zip(*(told[size] for told in rounds), strict=True))
        yield _figure(f"S4 PG next due of {size:,}", "us; one bare SELECT", ours, theirs, "<= 150")
    longest, shortest = ([told[size][0] for told in rounds] for size in (sizes[-1], sizes[0]))
    name = f"S4 PG next due of {sizes[-1]:,}, against {sizes[0]:,}"
    yield _figure(name, "us", longest, shortest, "flat")


def _figure(name: str, unit: str, ours: list[float], base: list[float], goal: str) -> Figure:
    ratio = median(one / other for one, other in zip(ours, base, strict=True))
    return Figure(name, unit, median(ours), median(base), ratio, goal, ours)


def _filled(cluster: Cluster, rows: int, stack: ExitStack) -> Probes:
    """A database of its own with that many deadlines pending."""
    name = f"pending_{rows}"
    with psycopg.connect(cluster.dsn(), autocommit=True) as administrator:
        administrator.execute(f'CREATE DATABASE "{name}"'.encode())
    dsn = cluster.dsn(database=name)
    migrate_postgres_sheets(dsn, environment={})
    with psycopg.connect(dsn, autocommit=True) as administrator:
        administrator.execute(_ROWS.format(rows=rows).encode())
        administrator.execute("VACUUM ANALYZE sheets.deadline")
    sheet = stack.enter_context(closing(PostgresDeadlineSheet(dsn, environment={})))
    bare = stack.enter_context(psycopg.connect(dsn, autocommit=True, prepare_threshold=0))
    return sheet.next_due, lambda: bare.execute(_BARE, binary=True).fetchone()


def _microseconds(probe: Callable[[], object]) -> float:
    return seconds(lambda: [probe() for _ in range(_PROBES)]) / _PROBES * 1e6
