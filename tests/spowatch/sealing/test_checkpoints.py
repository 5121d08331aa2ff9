"""The lines of a seal are named without reading every checkpoint of each: a minute adds one, for ever."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import psycopg

from spowatch.store.checkpoints import Sealed
from spowatch.store.checkpoints_postgres import _ORIGINS as ON_POSTGRES
from spowatch.store.checkpoints_sqlite import _ORIGINS as ON_SQLITE
from tests.spowatch.sealing.sealed_logs import SealedLog
from tests.store.postgres.places import Place

_MANY = """
INSERT INTO seal.checkpoints SELECT 'line ' || i % 3, i, i, '', '', ''
FROM generate_series(1, 6000) AS i
"""


def add(log: SealedLog, *origins: str, sizes: Iterator[int]) -> None:
    for origin in origins:
        size = next(sizes)
        assert log.kept.add(origin, Sealed(size, size, b"", b"", "note"))


def test_every_line_is_named_once_in_order(sealed: SealedLog) -> None:
    assert sealed.kept.origins() == []
    add(sealed, "b", "a", "b", "c", "a", sizes=count(1))
    assert sealed.kept.origins() == ["a", "b", "c"]


def test_in_a_file_naming_them_takes_as_long_however_many_checkpoints_they_have(
    on_sqlite: SealedLog, tmp_path: Path
) -> None:
    sizes = count(1)
    add(on_sqlite, "a", "b", sizes=sizes)
    few = _steps(tmp_path / "seal.db")
    add(on_sqlite, *["a", "b"] * 50, sizes=sizes)
    assert _steps(tmp_path / "seal.db") == few


def _steps(path: Path) -> int:
    """Of SQLite's machine."""
    done = count()
    with closing(sqlite3.connect(path)) as connection:
        connection.set_progress_handler(lambda: next(done) < 0, 1)
        connection.execute(ON_SQLITE).fetchall()
    return next(done)


def test_in_a_database_they_are_named_by_the_index(
    on_postgres: SealedLog, sealed_place: Place
) -> None:
    with psycopg.connect(sealed_place.administrator, autocommit=True) as administrator:
        administrator.execute(_MANY)
        administrator.execute("ANALYZE seal.checkpoints")
        plan = [row[0] for row in administrator.execute(f"EXPLAIN {ON_POSTGRES}").fetchall()]
    assert on_postgres.kept.origins() == ["line 0", "line 1", "line 2"]
    assert not [each for each in plan if "Seq Scan" in each], plan
