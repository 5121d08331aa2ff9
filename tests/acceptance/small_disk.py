"""A disk that soon is full, and a directory that nobody may write to, also for root."""

import ctypes
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PR_CAPBSET_DROP = 24
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2
_LARGEST_FILE = 400_000


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """`prepare` is what a process that uses it must do first."""

    folder: Path
    prepare: Callable[[], object] | None


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A file system of 1 MiB for root; for anyone else, files of 400 kB at most."""
    folder.mkdir()
    mounted = os.geteuid() == 0 and _mount(folder)
    try:
        yield SmallDisk(folder, None if mounted else _limit_files)
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))


def obey_permissions() -> None:
    """Root gives up its right to write where nobody may; for anyone else nothing changes."""
    libc = ctypes.CDLL(None)
    for capability in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
