"""What the sweepers under fire work on: a store in files or on a server, reached past the product."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from time import time
from typing import Any, Protocol

import psycopg

from deploy.postgres.server import Cluster
from spowatch.store.deadline_sheet_schema import migrate_postgres_sheets
from tests.faults.log_rows import FileRows, LogRows, ServerRows, read_only
from tests.store.postgres.key_places import KeyPlace
from tests.store.postgres.places import Place, run_script

_ROWS = "order_id, kind, about, due_at, basis, urgency"


class Books(Protocol):
    @property
    def log(self) -> LogRows: ...

    @property
    def up_to_date(self) -> bool:
        """Whether the sheet has read all the log holds."""
        ...

    @property
    def any_due(self) -> bool:
        """Whether the sheet holds an instant that has passed: someone is about to put others there."""
        ...

    def rows(self) -> list[tuple[Any, ...]]:
        """What the sheet holds, in one order."""
        ...

    def locked(self, fault: str) -> Any:
        """A context in which nobody else can write to the log, or to the sheet."""
        ...

    def lose_the_sheet(self) -> None: ...

    def restart(self) -> None:
        """End the server as a crash would, and start it again."""
        ...


class FileBooks:
    """A store in a directory."""

    def __init__(self, store: Path) -> None:
        self._log, self._sheet = store / "log.db", store / "sheets.db"
        self.log: LogRows = FileRows(self._log)

    @property
    def up_to_date(self) -> bool:
        with closing(read_only(self._log)) as rows:
            head = rows.execute("SELECT max(position) FROM events").fetchone()
        try:
            with closing(read_only(self._sheet)) as rows:
                read = rows.execute("SELECT position FROM bookmark").fetchone()
        except sqlite3.OperationalError:  # it is being made at this moment
            return False
        return bool(head == read)

    @property
    def any_due(self) -> bool:
        with closing(read_only(self._sheet)) as db:
            [(soonest,)] = db.execute("SELECT min(due_at) FROM deadline").fetchall()
        return soonest is not None and soonest <= time() * 1_000_000

    def rows(self) -> list[tuple[Any, ...]]:
        with closing(read_only(self._sheet)) as db:
            sql = f"SELECT {_ROWS} FROM deadline ORDER BY 1, 2, 3, 4"  # noqa: S608 - words of our own
            return db.execute(sql).fetchall()

    @contextmanager
    def locked(self, fault: str) -> Iterator[None]:
        path = self._log if fault == "lock the log" else self._sheet
        with closing(sqlite3.connect(path, isolation_level=None, timeout=5)) as db:
            db.execute("BEGIN IMMEDIATE")
            yield
            db.execute("ROLLBACK")

    def lose_the_sheet(self) -> None:
        for path in self._sheet.parent.glob(f"{self._sheet.name}*"):
            path.unlink()

    def restart(self) -> None:
        msg = "a file has no server"
        raise NotImplementedError(msg)


class ServerBooks:
    """A store on PostgreSQL, on a server of its own."""

    def __init__(self, cluster: Cluster, place: Place, keys: KeyPlace) -> None:
        self._cluster, self._place, self._keys = cluster, place, keys
        self._rows = ServerRows(place.administrator, threading.Event().wait)
        self.log: LogRows = self._rows

    @property
    def for_migrate(self) -> Mapping[str, str]:
        return _settings(self._place.owner, self._keys.owner)

    @property
    def for_roles(self) -> Mapping[str, str]:
        return _settings(self._place.writer, self._keys.role)

    def grant(self) -> None:
        run_script(self._place.owner, "grants.sql")
        run_script(self._keys.owner, "keys_grants.sql")

    @property
    def up_to_date(self) -> bool:
        heads = (
            "SELECT (SELECT max(position) FROM spowatch.events), "
            "(SELECT position FROM sheets.bookmark)"
        )
        [(head, read)] = self._rows.asked(heads)
        return bool(head == read)

    @property
    def any_due(self) -> bool:
        [(due,)] = self._rows.asked(
            "SELECT coalesce(min(due_at) <= now(), false) FROM sheets.deadline"
        )
        return bool(due)

    def rows(self) -> list[tuple[Any, ...]]:
        return self._rows.asked(f"SELECT {_ROWS} FROM sheets.deadline ORDER BY 1, 2, 3, 4")  # noqa: S608 - words of our own

    @contextmanager
    def locked(self, fault: str) -> Iterator[None]:
        sql = (
            "SELECT pg_advisory_xact_lock(x'73706f6c6f67'::bigint)"
            if fault == "lock the log"
            else "LOCK TABLE sheets.agenda IN ACCESS EXCLUSIVE MODE"
        )
        with psycopg.connect(self._place.administrator) as holder:
            holder.execute(sql.encode())
            yield
            holder.rollback()

    def lose_the_sheet(self) -> None:
        with psycopg.connect(self._place.administrator, autocommit=True) as administrator:
            administrator.execute("DROP SCHEMA sheets CASCADE")
        run_script(self._place.administrator, "roles.sql")
        migrate_postgres_sheets(self._place.owner, environment={})
        run_script(self._place.owner, "grants.sql")

    def restart(self) -> None:
        self._cluster.stop()
        self._cluster.start()


def _settings(log: str, keys: str) -> Mapping[str, str]:
    return {
        "SPO_LOG__KIND": "postgres",
        "SPO_LOG__DSN": log,
        "SPO_KEYS__KIND": "postgres",
        "SPO_KEYS__DSN": keys,
    }
