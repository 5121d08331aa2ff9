"""A command at a terminal of its own: keys in, what the screen shows out."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from time import monotonic
from types import TracebackType
from typing import Self

from tests.program import PATIENCE, SPOWATCH, Late, environment

ROWS, COLUMNS = 40, 150
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][AB0]|\x1b[=>]")
_HOME = "\x1b[H"


def _ours() -> None:
    """Make it the terminal that Ctrl-C comes from."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """One process at a pseudo-terminal. Left behind, it is killed."""

    def __init__(self, *arguments: str) -> None:
        self._screen, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            [*SPOWATCH, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            # A size in the environment of whoever runs the tests would stand above the terminal's own.
            env=environment({"COLUMNS": "", "LINES": ""}) | {"TERM": "xterm-256color"},
            start_new_session=True,
            preexec_fn=_ours,  # noqa: PLW1509 - no threads here
        )
        os.close(theirs)
        self._heard = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        os.close(self._screen)

    def press(self, keys: str) -> None:
        os.write(self._screen, keys.encode())

    def shows(self, *words: str, but_not: str | None = None, patience: float = PATIENCE) -> str:
        """The screen, once it shows all of the words and not the others. Raises `Late`."""
        deadline = monotonic() + patience
        while monotonic() < deadline:
            self._listen(0.1)
            screen = self.screen
            if all(each in screen for each in words) and not (but_not and but_not in screen):
                return screen
        msg = f"not shown: {words}; the screen is:\n{self.screen}"
        raise Late(msg)

    @property
    def screen(self) -> str:
        """The last whole picture."""
        pictures = self._heard.split(_HOME)
        return _ESCAPES.sub("", pictures[-2] if len(pictures) > 1 else pictures[-1])

    @property
    def rang(self) -> int:
        """How often the bell was rung."""
        self._listen(0)
        return self._heard.count("\a")

    def rings(self, times: int) -> None:
        """Returns once the bell was rung so often since the start. Raises `Late`."""
        deadline = monotonic() + PATIENCE
        while self.rang < times:
            if monotonic() > deadline:
                msg = f"the bell was rung {self.rang} times"
                raise Late(msg)
            self._listen(0.1)

    def ended(self) -> int:
        """Its exit status, once it has ended by itself."""
        deadline = monotonic() + PATIENCE
        while self.process.poll() is None and monotonic() < deadline:
            self._listen(0.1)
        return self.process.wait(0.1)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _listen(self, wait: float) -> None:
        while select.select([self._screen], [], [], wait)[0]:
            try:
                self._heard += os.read(self._screen, 65536).decode(errors="replace")
            except OSError:
                return
            wait = 0
