"""The rows of a log seen from outside, with no code of the product's."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import psycopg

Row = tuple[int, Any, str, bytes]
"""Position, stream, topic and state."""

_EVENTS = "SELECT position, originator_id, topic, state FROM"


class LogRows(Protocol):
    def after(self, position: int) -> Sequence[Row]:
        """What is stored past it, in order; asked by one thread."""
        ...

    def of(self, topics: Sequence[str]) -> Sequence[Row]: ...

    def count(self, topics: Sequence[str]) -> int: ...

    def close(self) -> None:
        """Done with `after`."""
        ...


class FileRows:
    """A log in a file, opened anew for each look but those of `after`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._watching: sqlite3.Connection | None = None

    def after(self, position: int) -> Sequence[Row]:
        if self._watching is None:
            self._watching = read_only(self._path)
        sql = f"{_EVENTS} events WHERE position > ? ORDER BY position"
        return self._watching.execute(sql, (position,)).fetchall()

    def of(self, topics: Sequence[str]) -> Sequence[Row]:
        return self._asked(f"{_EVENTS} events WHERE topic IN ({_marks(topics)})", topics)

    def count(self, topics: Sequence[str]) -> int:
        sql = f"SELECT count(*) FROM events WHERE topic IN ({_marks(topics)})"  # noqa: S608 - words of our own
        return int(self._asked(sql, topics)[0][0])

    def close(self) -> None:
        if self._watching is not None:
            self._watching.close()

    def _asked(self, sql: str, topics: Sequence[str]) -> list[Any]:
        with closing(read_only(self._path)) as rows:
            return rows.execute(sql, topics).fetchall()


class ServerRows:
    """A log on PostgreSQL. While the server is away there is nothing new, and a count waits for it."""

    def __init__(self, dsn: str, wait: Callable[[float], object]) -> None:
        self._dsn = dsn
        self._wait = wait
        self._watching: psycopg.Connection[Any] | None = None

    def after(self, position: int) -> Sequence[Row]:
        sql = f"{_EVENTS} spowatch.events WHERE position > %s ORDER BY position"
        try:
            if self._watching is None:
                self._watching = psycopg.connect(self._dsn, autocommit=True)
            return self._watching.execute(sql.encode(), [position]).fetchall()
        except psycopg.OperationalError:
            self.close()
            return []

    def close(self) -> None:
        if self._watching is not None:
            self._watching.close()
            self._watching = None

    def of(self, topics: Sequence[str]) -> Sequence[Row]:
        return self.asked(f"{_EVENTS} spowatch.events WHERE topic = ANY(%s)", list(topics))

    def count(self, topics: Sequence[str]) -> int:
        sql = "SELECT count(*) FROM spowatch.events WHERE topic = ANY(%s)"
        return int(self.asked(sql, list(topics))[0][0])

    def asked(self, sql: str, *values: object) -> list[Any]:
        for _ in range(_TRIES):
            try:
                with psycopg.connect(self._dsn) as rows:
                    return rows.execute(sql.encode(), values).fetchall()
            except psycopg.OperationalError:
                self._wait(0.05)
        msg = "the server did not come back"
        raise AssertionError(msg)


_TRIES = 400


def read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)


def _marks(topics: Sequence[str]) -> str:
    return ", ".join("?" * len(topics))
