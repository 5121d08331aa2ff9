"""The mark of a machine that sends: a file that no backup and no copy can bring back as it was.

It is empty. What identifies it is where its file system keeps it and since when, which a copy changes;
beside it lies the last attempt of each lane, which a log of yesterday does not hold.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from consumers.kept_file import put_in_place

_MACHINE = Path("/etc/machine-id")
_SENDER_LENGTH = 32


@dataclass(frozen=True, slots=True)
class LastAttempt:
    """Recorded before its first byte left: a log without it went back."""

    delivery: UUID
    version: int
    at: datetime


class SenderMark:
    """In the directory of a machine's own. Made where there is none."""

    def __init__(self, directory: Path) -> None:
        self._notes = directory / "sending"
        self._notes.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._notes / "mark"
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        self.sender = _sender(path)

    def note(self, lane: str, attempt: LastAttempt) -> None:
        """Whole and on disk when it returns; only the last of each lane is kept."""
        told = {"delivery": str(attempt.delivery), "version": attempt.version}
        path = self._notes / f"{lane.replace(':', '-')}.json"
        put_in_place(path, json.dumps(told | {"at": attempt.at.isoformat()}))

    def noted(self) -> Iterator[LastAttempt]:
        """The last attempt of each lane. One that cannot be read is as good as none."""
        for path in sorted(self._notes.glob("*.json")):
            with suppress(ValueError, KeyError, TypeError, OSError):
                told = json.loads(path.read_text(encoding="ascii"))
                at = datetime.fromisoformat(told["at"])
                yield LastAttempt(UUID(told["delivery"]), int(told["version"]), at)


def _sender(path: Path) -> str:
    machine = _MACHINE.read_text(encoding="ascii").strip() if _MACHINE.is_file() else ""
    kept = path.stat()
    told = f"{machine}:{kept.st_ino}:{kept.st_ctime_ns}"
    return f"m{sha256(told.encode()).hexdigest()[:_SENDER_LENGTH]}"
