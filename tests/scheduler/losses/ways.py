"""A way to have deadlines raised: what a scenario asks of ours and of the library's alike."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

A_WHILE = 0.12
"""Seconds for which a disk dawdles, and for which a slow job of the library's works."""


@dataclass(frozen=True, slots=True)
class Raised:
    """One time that a deadline was raised, and when."""

    deadline: str
    due_at: datetime
    at: datetime


class Disk(StrEnum):
    """What the database does, once, to whoever watches."""

    FALTERS = "falters"
    DAWDLES = "dawdles"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the database does when that instant has come."""

    disk: Disk
    at: datetime


class Way(Protocol):
    """A store of deadlines in a directory, and whoever watches over it."""

    program: str
    """The module that watches in a process of its own."""
    directory: Path
    patience: float
    """Seconds after which what was not raised counts as lost."""

    def arm(self, *instants: datetime) -> Sequence[str]:
        """A deadline at each instant, told to the store as another process would; their names."""
        ...

    def watching(self, trouble: Trouble | None = None) -> AbstractContextManager[None]:
        """Watch from a thread. Once entered, it has looked at what there is and waits."""
        ...

    def watching_on_the_loop(self, trouble: Trouble | None) -> AbstractAsyncContextManager[None]:
        """Watch from the asyncio loop that runs, as closely as this way can."""
        ...

    def raised(self) -> Sequence[Raised]:
        """Every time that anything was raised, by whatever process."""
        ...
