"""The console channel: one line an alert, in a file that is its own ledger, and on a stream."""

import json
import os
from pathlib import Path
from typing import IO, Any
from uuid import UUID


class ConsoleFile:
    """An append-only file of JSON lines; a line is on disk before `say` returns.

    The file is the ledger: a message whose key it holds is not written again, by this process or
    any after it. A line torn by a crash was never said and is cut off when the file is opened.
    """

    def __init__(self, path: Path) -> None:
        self._said = _repair(path)
        self._file: IO[bytes] = path.open("ab")

    def say(self, key: str, message: dict[str, Any]) -> bool:
        """Write the message under `key`; False when it had been written before."""
        if key in self._said:
            return False
        line = json.dumps({"key": key, **message}, ensure_ascii=False, separators=(",", ":"))
        self._file.write(line.encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._said.add(key)
        return True

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
    return {json.loads(line)["key"] for line in whole.splitlines()}


def message_key(alert: UUID, what: str) -> str:
    return f"{alert}:{what}"
