"""One command of the program in a process of its own, without waiting for Python to load it.

It is the same program: forked, with its own standard streams, environment and folder, from a process that has
loaded what nearly every command needs and done nothing. `tests.program` starts it as an operator does.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from tempfile import TemporaryDirectory

from spowatch import importing  # noqa: F401 - loaded here, so that no command loads it
from spowatch.__main__ import main
from spowatch.doctor import inspection  # noqa: F401 - as the one before
from spowatch.running import register  # noqa: F401 - as the one before
from spowatch.wiring import store  # noqa: F401 - as the one before
from tests.forking import FORKING
from tests.program import PATIENCE, environment

_STREAMS = ("given", "said", "warned")
"""In the order of their numbers."""


def run(
    *arguments: str,
    given: bytes = b"",
    settings: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> CompletedProcess[str]:
    """The command run to its end, with what it said."""
    with TemporaryDirectory() as folder:
        streams = Path(folder)
        for name in _STREAMS:
            (streams / name).write_bytes(given if name == "given" else b"")
        process = FORKING.Process(
            target=_command,
            args=(streams, arguments, environment(settings or {}), cwd or Path.cwd()),
            daemon=True,
        )
        process.start()
        process.join(4 * PATIENCE)
        if process.exitcode is None:
            process.kill()
            raise TimeoutExpired(arguments, 4 * PATIENCE)
        said, warned = (
            (streams / name).read_bytes().decode("utf-8", "replace") for name in _STREAMS[1:]
        )
        return CompletedProcess(arguments, process.exitcode, said, warned)


def _command(
    streams: Path, arguments: tuple[str, ...], settings: dict[str, str], cwd: Path
) -> None:
    for number, name in enumerate(_STREAMS):
        opened = os.open(streams / name, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - until the end
    os.environ.clear()
    os.environ.update(settings)
    os.chdir(cwd)
    sys.argv = ["spowatch", *arguments]
    main()
