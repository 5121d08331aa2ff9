"""Programs of the distribution that tests drive; installed where we may, which is as root on Debian."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from tests.structure.checkout import ROOT

_TAKES = 300
_QUIET = ("apt-get", "-qq", "-y", "--no-install-recommends")
_STARTS_NOTHING = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
"""A package's own service is not started: tests start what they need."""


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Whoever comes first does it; the others wait and find it done."""
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class NotInstalled(RuntimeError):
    """It is not here, and could not be installed; says why in one line."""


@cache
def program(name: str, package: str | None = None) -> str:
    """The path of the program, from the package of its name unless told. Raises `NotInstalled`."""
    package = package or name
    found = shutil.which(name)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        with alone("apt"):
            if shutil.which(name) is None:
                _install(package)
        found = shutil.which(name)
    if found is None:
        msg = f"{name} is not here, and only root on Debian could install {package}"
        raise NotInstalled(msg)
    return found


def needed(name: str, package: str | None = None) -> str:
    """The same for a test, which is skipped without it."""
    try:
        return program(name, package)
    except NotInstalled as none:
        pytest.skip(str(none))


def _install(package: str) -> None:
    for command in (("apt-get", "-qq", "update"), (*_QUIET, "install", package)):
        environment = os.environ | _STARTS_NOTHING
        try:
            subprocess.run(
                command, check=True, capture_output=True, timeout=_TAKES, env=environment
            )
        except (OSError, subprocess.SubprocessError) as fault:
            msg = f"{package}: {command[0]} could not install it ({type(fault).__name__})"
            raise NotInstalled(msg) from fault
