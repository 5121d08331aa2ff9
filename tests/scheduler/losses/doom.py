"""A power cut at the worst moment, foretold in a file so that it strikes one process and once."""

import os
from collections.abc import Callable
from pathlib import Path
from time import sleep

STRUCK = 9
"""The exit status of a process that met its doom."""

_HALFWAY = 0.1
"""Seconds into raising it, in which whoever asked for that goes on with his own affairs."""


def doom(directory: Path) -> None:
    """The next process that is about to raise a deadline of this store dies before it has."""
    (directory / "doomed").touch()


def meet_doom(directory: Path, so_far: Callable[[], bool] = lambda: True) -> None:
    """It strikes once those others are `so_far`."""
    try:
        (directory / "doomed").unlink()
    except FileNotFoundError:
        return
    while not so_far():
        sleep(0.01)
    sleep(_HALFWAY)
    os._exit(STRUCK)
