"""A console's own look at the line: it expects line tests from the first on, and says when none come.

It needs neither the log nor anybody else for that, so that a dead database or a dead tester is seen where
people look.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from consumers.kept_file import put_in_place
from domain.alerts import INSTRUCTIONS, AlertClass, AlertCode, Priority
from domain.line_tests import LineTest

_LATE = 5.0
"""Seconds that a test may take from its begin to a console, beyond what the settings allow."""

_SILENT = (
    "No line test has come for {seconds:.0f} s: alerts may not be coming either. Call the on-call "
    "team; until then take breach reports by telephone."
)


class LineWatch:
    """The last test heard stands in a file beside the console's; a test is no alert and no line of it."""

    def __init__(
        self,
        path: Path,
        monotonic: Callable[[], float],
        now: Callable[[], datetime],
        *,
        within: float,
    ) -> None:
        """`within` seconds after the last test the next must be there."""
        self._path = path
        self._monotonic = monotonic
        self._now = now
        self._within = within + _LATE
        self._heard_at = monotonic() if path.exists() else None
        self._silent = False

    def heard(self, test: LineTest) -> dict[str, Any] | None:
        """What to show of a test; on disk before it returns. None for one never raised."""
        if test.raised is None:
            return None
        message = {
            "what": "line_test",
            "code": str(AlertCode.LINE_TEST),
            "class": str(AlertClass.TEST),
            "test": str(test.id),
            "begun_at": test.raised.begun_at.isoformat(),
            "raised_at": test.raised.raised_at.isoformat(),
            "raised_by": test.raised.by,
            "heard_at": self._now().isoformat(),
            "instruction": INSTRUCTIONS[AlertCode.LINE_TEST],
        }
        self._write(message)
        self._heard_at = self._monotonic()
        return message

    def news(self) -> dict[str, Any] | None:
        """That the line fell silent, or is heard again; each once."""
        quiet = 0.0 if self._heard_at is None else self._monotonic() - self._heard_at
        silent = quiet > self._within
        if silent == self._silent:
            return None
        self._silent = silent
        asks = AlertClass.REVIEW if silent else AlertClass.NOTICE
        return {
            "what": "line_silent" if silent else "line_heard",
            "code": "LINE_SILENT" if silent else "LINE_HEARD",
            "class": str(asks),
            "priority": int(Priority.IMMEDIATE if silent else Priority.ROUTINE),
            "said_at": self._now().isoformat(),
            "instruction": _SILENT.format(seconds=quiet) if silent else "Line tests come again.",
        }

    def _write(self, message: dict[str, Any]) -> None:
        put_in_place(self._path, json.dumps(message))
