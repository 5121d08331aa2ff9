"""Sign-ins that were begun and not finished: what came back must be what went out, in the same browser, once."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe

WITHIN = timedelta(minutes=10)
"""For a person to find their password and their second factor."""

_TABLE = """
CREATE TABLE IF NOT EXISTS attempt (
    state_hash TEXT PRIMARY KEY, nonce TEXT NOT NULL, verifier TEXT NOT NULL, onward TEXT NOT NULL,
    begun REAL NOT NULL)
"""
_TAKE = "DELETE FROM attempt WHERE state_hash = ? AND begun > ? RETURNING nonce, verifier, onward"


class NoSuchAttempt(Exception):
    """It was never begun here, took too long, or came back before."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """`state` is kept by the browser; the rest never leaves us but in what is derived from it."""

    state: str
    nonce: str
    verifier: str
    onward: str


class Attempts:
    """Kept beside the sessions, so that a restart in between harms nobody."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        path.chmod(0o600)
        self._db.execute(_TABLE)

    def begin(self, onward: str) -> Attempt:
        attempt = Attempt(token_urlsafe(32), token_urlsafe(32), token_urlsafe(48), onward)
        at = self._now().timestamp()
        row = (_hash(attempt.state), attempt.nonce, attempt.verifier, onward, at)
        with self._lock:
            over = at - WITHIN.total_seconds()
            self._db.execute("DELETE FROM attempt WHERE begun <= ?", (over,))
            self._db.execute("INSERT INTO attempt VALUES (?, ?, ?, ?, ?)", row)
        return attempt

    def take(self, state: str) -> Attempt:
        """The attempt, which is over by that. Raises `NoSuchAttempt`."""
        since = self._now().timestamp() - WITHIN.total_seconds()
        with self._lock:
            row = self._db.execute(_TAKE, (_hash(state), since)).fetchone()
        if row is None:
            raise NoSuchAttempt
        return Attempt(state, *row)

    def close(self) -> None:
        with self._lock:
            self._db.close()


def _hash(state: str) -> str:
    return sha256(state.encode()).hexdigest()
