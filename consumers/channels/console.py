"""The console channel: one line an alert, in a file that is its own ledger, and on a stream."""

import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from consumers.kept_file import put_in_place
from consumers.synced_folder import sync_folder


class ConsoleDamaged(Exception):
    """The file holds a line that no console wrote, so it cannot say what was said."""


class ConsoleFile:
    """An append-only file of JSON lines; a line is on disk before `say` returns.

    The file is the ledger: a message whose key it holds is not written again, by this process or
    any after it. A line torn by a crash was never said and is cut off when the file is opened.
    """

    def __init__(self, path: Path) -> None:
        """Raises `ConsoleDamaged`."""
        self._said = _repair(path)
        self._file = path.open("ab", buffering=0)
        sync_folder(path.parent)

    def say(self, key: str, message: dict[str, Any]) -> bool:
        """Write the message under `key`; False when it had been written before."""
        if key in self._said:
            return False
        line = json.dumps({"key": key, **message}, ensure_ascii=False, separators=(",", ":"))
        self._append(line.encode() + b"\n")
        self._said.add(key)
        return True

    def _append(self, line: bytes) -> None:
        """All of it, on disk, or none: what a full disk cut off is not left for the next line."""
        begin = self._file.seek(0, os.SEEK_END)
        try:
            while line:
                line = line[self._file.write(line) :]
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(begin)
            raise

    def has(self, key: str) -> bool:
        return key in self._said

    def close(self) -> None:
        self._file.close()


def _repair(path: Path) -> set[str]:
    if not path.exists():
        return set()
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        with path.open("r+b") as torn:
            torn.truncate(len(whole))
            os.fsync(torn.fileno())
    return {_key(path, *numbered) for numbered in enumerate(whole.splitlines(), start=1)}


def _key(path: Path, number: int, line: bytes) -> str:
    try:
        key = json.loads(line)["key"]
    except (ValueError, KeyError, TypeError, RecursionError):
        key = None
    if not isinstance(key, str):
        msg = f"{path}: line {number} is not a message"
        raise ConsoleDamaged(msg)
    return key


def console_name(path: Path) -> str:
    """What the console of that file is called, from its first start on; it goes where the file goes."""
    named = path.with_suffix(".name")
    # Empty after a power cut, where an earlier release had not synced it: two such would share a bookmark.
    if not named.exists() or not named.stat().st_size:
        put_in_place(named, uuid4().hex)
    return named.read_text(encoding="ascii")


def message_key(alert: UUID, what: str) -> str:
    return f"{alert}:{what}"
