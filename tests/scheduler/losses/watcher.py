"""A process that watches over a store from the word on until it is hung up on, or killed."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.program import Program
from tests.scheduler.losses.ways import Way

_ROOT = Path(__file__).parents[3]


@contextmanager
def watcher(way: Way, release: Path = _ROOT) -> Iterator[Program]:
    """A process of that release, up and waiting for the word. Killed at the end."""
    module = (sys.executable, "-m", way.program)
    with Program(str(way.directory), program=module, cwd=release) as process:
        process.said.until("here".__eq__)
        yield process


def give_the_word(process: Program) -> None:
    """Let it watch."""
    process.say("watch")
    process.said.until("watching".__eq__)


def watch(way_at: Callable[[Path], AbstractContextManager[Way]]) -> None:
    """What that process does, in the directory it was named."""
    _say("here")
    sys.stdin.readline()
    with way_at(Path(sys.argv[1])) as way, way.watching():
        _say("watching")
        sys.stdin.read()


def _say(word: str) -> None:
    print(word, flush=True)  # noqa: T201 - whoever started this waits for it
