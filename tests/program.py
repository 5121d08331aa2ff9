"""The installed program in processes of its own: started, spoken to, listened to, stopped, killed."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import IO, Self

SPOWATCH = (str(Path(sys.executable).with_name("spowatch")),)
PATIENCE = 120.0
"""Seconds until something that hangs fails; nothing waits for them to pass."""

_OURS = "SPO_"
_ANY_PORT = {"SPO_HTTP__PORT": "0"}
"""Programs of several tests run at once."""


class Late(AssertionError):
    """The program said nothing for too long."""


class Lines:
    """The lines of a pipe as they come."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._held = b""

    def next(self, patience: float = PATIENCE) -> str | None:
        """The next line; None when there will be no more. Raises `Late`."""
        deadline = monotonic() + patience
        while b"\n" not in self._held:
            if not self.speaks(deadline - monotonic()):
                msg = f"nothing said for {patience} s"
                raise Late(msg)
            heard = os.read(self._pipe.fileno(), 65536)
            if not heard:
                return None
            self._held += heard
        line, _, self._held = self._held.partition(b"\n")
        return line.decode()

    def speaks(self, patience: float) -> bool:
        """Whether there is something to read, or the end, waiting for it at most so long."""
        if b"\n" in self._held:
            return True
        return bool(select.select([self._pipe], [], [], max(0.0, patience))[0])

    def until(self, wanted: Callable[[str], bool], patience: float = PATIENCE) -> str:
        """The first line that is `wanted`. Raises `Late`, also when the program ended without it."""
        deadline = monotonic() + patience
        while (line := self.next(deadline - monotonic())) is not None:
            if wanted(line):
                return line
        msg = "the program ended without saying it"
        raise Late(msg)

    def rest(self) -> Iterator[str]:
        while (line := self.next()) is not None:
            yield line


class Program:
    """One process of the program. Left behind, it is killed."""

    def __init__(
        self,
        *arguments: str,
        program: Sequence[str] = SPOWATCH,
        settings: Mapping[str, str] | None = None,
        errors: IO[bytes] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.started = monotonic()
        self.process = subprocess.Popen(
            [*program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment(settings or {}),
            cwd=cwd,
        )
        self.said = Lines(_pipe(self.process.stdout))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def say(self, line: str) -> None:
        """Raises `BrokenPipeError` when the program is gone."""
        stdin = _pipe(self.process.stdin)
        stdin.write(line.encode() + b"\n")
        stdin.flush()

    def hang_up(self) -> None:
        """Say that nothing more will be said."""
        try:
            _pipe(self.process.stdin).close()
        except BrokenPipeError:
            return

    def stop(self, patience: float = PATIENCE) -> int:
        """Ask it to stop; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        for _ in self.said.rest():
            pass
        return self.process.wait(patience)

    def freeze(self) -> None:
        """Stop it in the middle of whatever it does, without its knowledge."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it without a word, as a power cut would, and let go of its pipes."""
        self.process.kill()
        self.process.wait()
        self.hang_up()
        _pipe(self.process.stdout).close()


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Our own environment with `settings` and no other setting of the program."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | _ANY_PORT | dict(settings)


def run(
    *arguments: str,
    given: bytes = b"",
    program: Sequence[str] = SPOWATCH,
    settings: Mapping[str, str] | None = None,
    prepare: Callable[[], object] | None = None,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """The program run to its end, with what it said; `prepare` runs in the child before it."""
    done = subprocess.run(
        [*program, *arguments],
        input=given,
        capture_output=True,
        check=False,
        env=environment(settings or {}),
        timeout=4 * PATIENCE,
        preexec_fn=prepare,
        cwd=cwd,
    )
    said, warned = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, said, warned)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        msg = "this pipe was not opened"
        raise ValueError(msg)
    return pipe
