"""A connection to the sheets' database that is opened anew when it broke, each use with an end."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

DEADLINE = 5.0
"""Seconds for any use of the connection in all, unless it is known to need longer."""


class Link(Protocol):
    """A connection that ends by itself when an answer does not come in time."""

    def allow(self, seconds: float) -> None:
        """Give what is asked next that long, all of it together."""
        ...

    def usable(self) -> bool:
        """Whether the link still stands."""
        ...

    def cursor(self, *, binary: bool) -> Any: ...

    def transaction(self) -> AbstractContextManager[Any]: ...

    def close(self) -> None: ...


class Links:
    """One connection at a time, for the threads of a process in turn."""

    def __init__(self, connect: Callable[[], Link]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._link: Link | None = None

    def ask(self, sql: Any, values: Sequence[object] = ()) -> list[Any]:
        """What one statement answers, in one round trip; it is a transaction of its own."""
        with self._lock:
            link = self._opened()
            link.allow(DEADLINE)
            with link.cursor(binary=True) as cursor:
                found: list[Any] = cursor.execute(sql, values).fetchall()
                return found

    @contextmanager
    def transaction(self, longer: float = 0) -> Iterator[Any]:
        """A cursor; all that is done with it is committed, or none, in `longer` than usual."""
        with self._lock:
            link = self._opened()
            link.allow(DEADLINE + longer)
            with link.transaction(), link.cursor(binary=True) as cursor:
                if longer:
                    given = f"{DEADLINE + longer:.0f}s"
                    cursor.execute("SELECT set_config('statement_timeout', %b, true)", [given])
                yield cursor

    def _opened(self) -> Link:
        if self._link is not None and not self._link.usable():
            self._link.close()
            self._link = None
        if self._link is None:
            self._link = self._connect()
            # What a crash of the server takes back is read from the log again, bookmark and all.
            self._link.cursor(binary=True).execute("SET synchronous_commit = off")
        return self._link

    def close(self) -> None:
        with self._lock:
            if self._link is not None:
                self._link.close()
