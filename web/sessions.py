"""Sessions, kept on this machine's disk: a restarted server signs nobody out in the middle of an alert."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe

from domain.access import Role
from web.access import NotSignedIn, Person

IDLE = timedelta(minutes=15)
"""Without a request and without an open board."""
LONGEST = timedelta(hours=12)
NOTED = timedelta(seconds=10)
"""That a session is in use is noted so often and no oftener: a program's session is used by every command."""

_TABLE = """
CREATE TABLE IF NOT EXISTS signed_in (
    token_hash TEXT PRIMARY KEY, csrf TEXT NOT NULL, staff TEXT NOT NULL, role TEXT NOT NULL,
    force TEXT NOT NULL, terminal TEXT NOT NULL, everywhere INTEGER NOT NULL,
    begun REAL NOT NULL, seen REAL NOT NULL, proved REAL)
"""
_FIND = """
SELECT seen, csrf, staff, role, force, terminal, everywhere, proved FROM signed_in
WHERE token_hash = ? AND begun > ? AND seen > ?
"""
_SYNCED, _UNSYNCED = "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"
"""To note that a session was used need not wait for the disk: a power cut makes people sign in again at worst. That
somebody signed out outlasts one."""


@dataclass(frozen=True, slots=True)
class Session:
    """`csrf` goes into every form; a form without it is refused. `proved`: when they last proved who they are, where that is known.

    `until`: when a program's token of the provider ends; what is kept here ends by the limits above.
    """

    token: str
    csrf: str
    person: Person
    proved: datetime | None
    until: datetime | None = None

    @property
    def mark(self) -> str:
        """By which its pages are known from those of another; of no use to sign in, nor in a form."""
        return _hash(self.csrf)[:16]


class Sessions:
    """Tokens are kept as hashes: who can read the file can sign in as nobody."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        path.chmod(0o600)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(_UNSYNCED)
        self._db.execute(_TABLE)

    def begin(self, person: Person, proved: datetime | None = None) -> Session:
        session = Session(token_urlsafe(32), token_urlsafe(24), person, proved)
        at = self._now().timestamp()
        row = (
            *(_hash(session.token), session.csrf, person.staff, str(person.role), person.force),
            *(person.terminal, int(person.everywhere), at, at),
            None if proved is None else proved.timestamp(),
        )
        with self._lock:
            oldest = at - LONGEST.total_seconds()
            self._db.execute("DELETE FROM signed_in WHERE begun < ?", (oldest,))
            self._db.execute("INSERT INTO signed_in VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return session

    def find(self, token: str) -> Session:
        """The session, used again just now. Raises `NotSignedIn`."""
        at = self._now().timestamp()
        limits = (at - LONGEST.total_seconds(), at - IDLE.total_seconds())
        with self._lock:
            row = self._db.execute(_FIND, (_hash(token), *limits)).fetchone()
            if row is None:
                raise NotSignedIn
            seen, *about = row
            if at - seen >= NOTED.total_seconds():
                used = "UPDATE signed_in SET seen = ? WHERE token_hash = ?"
                self._db.execute(used, (at, _hash(token)))
        csrf, staff, role, force, terminal, everywhere, proved = about
        person = Person(staff, Role(role), force, terminal, everywhere=bool(everywhere))
        when = None if proved is None else datetime.fromtimestamp(proved, UTC)
        return Session(token, csrf, person, when)

    def runs(self, token: str) -> bool:
        """Whether it goes on; that somebody asks is no use of it."""
        at = self._now().timestamp()
        limits = (at - LONGEST.total_seconds(), at - IDLE.total_seconds())
        with self._lock:
            return self._db.execute(_FIND, (_hash(token), *limits)).fetchone() is not None

    def end(self, token: str) -> None:
        with self._lock:
            self._db.execute(_SYNCED)
            self._db.execute("DELETE FROM signed_in WHERE token_hash = ?", (_hash(token),))
            self._db.execute(_UNSYNCED)

    def close(self) -> None:
        with self._lock:
            self._db.close()


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
