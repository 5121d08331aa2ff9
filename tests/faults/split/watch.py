"""Looks on from outside while a cell runs: when each line was said, and that no bookmark goes back."""

import json
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic, time
from typing import Self

import psycopg

_LOOK = 0.02
_BOOKMARKS_EVERY = 0.2
_TRACKING = "SELECT application_name, notification_id FROM spowatch.tracking"


class Watch:
    def __init__(self, console: Path, dsn: str) -> None:
        self.said_at: dict[str, float] = {}
        """By the key of the message, when its line was first seen; by the machine's clock."""
        self.regressed: list[str] = []
        self.held_up = 0.0
        """Seconds, at worst, that the machine let this look-out itself wait for its turn."""
        self._console = console
        self._dsn = f"{dsn} connect_timeout=1 options='-c statement_timeout=500'"
        self._read = 0
        self._bookmarks: dict[str, int] = {}
        self._looked = 0.0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def forget_bookmarks(self) -> None:
        """What follows is another life of the database; it may have begun a moment ago."""
        self._bookmarks = {}
        self.regressed.clear()

    def _watch(self) -> None:
        asleep = monotonic()
        while not self._ending.wait(_LOOK):
            self.held_up = max(self.held_up, monotonic() - asleep - _LOOK)
            self._look_at_console()
            if monotonic() - self._looked > _BOOKMARKS_EVERY:
                self._look_at_bookmarks()
                self._looked = monotonic()
            asleep = monotonic()

    def _look_at_console(self) -> None:
        if not self._console.exists():
            return
        with self._console.open("rb") as file:
            file.seek(self._read)
            news, now = file.read(), time()
        whole = news[: news.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            self.said_at.setdefault(json.loads(line)["key"], now)

    def _look_at_bookmarks(self) -> None:
        before = self._bookmarks
        with suppress(psycopg.Error), psycopg.connect(self._dsn) as connection:
            now: dict[str, int] = dict(connection.execute(_TRACKING).fetchall())
            if before is self._bookmarks:
                self.regressed += [
                    f"{name} from {before[name]} to {place}"
                    for name, place in now.items()
                    if place < before.get(name, 0)
                ]
                self._bookmarks = now
