"""What only holds itself is let go while the process serves, though Python would not look for it by itself."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic, sleep
from weakref import finalize

from spowatch.garbage import AN_HOUR, collect_garbage_until
from tests.program import PATIENCE


class _Circle:
    def __init__(self) -> None:
        self.me = self


@contextmanager
def serving(*, at_all_after: int = AN_HOUR) -> Iterator[None]:
    stop = Event()
    looking = Thread(
        target=collect_garbage_until, args=(stop,), kwargs={"at_all_after": at_all_after}
    )
    looking.start()
    until = monotonic() + 5
    while gc.isenabled() and monotonic() < until:
        sleep(0.001)
    try:
        yield
    finally:
        stop.set()
        looking.join()


def test_what_only_holds_itself_is_let_go_while_the_process_serves() -> None:
    gone = Event()
    with serving():
        finalize(_Circle(), gone.set)
        assert gone.wait(PATIENCE)


def test_nobody_waits_for_a_look_at_everything_however_much_is_read() -> None:
    def looks_at_everything() -> int:
        return int(gc.get_stats()[2]["collections"])

    kept: list[list[object]] = []
    with serving():
        before = looks_at_everything()
        for _ in range(40):
            kept += [[] for _ in range(50_000)]
        assert looks_at_everything() == before
    assert gc.isenabled()


def test_so_is_what_was_still_in_use_when_it_was_looked_for() -> None:
    gone, held = Event(), [_Circle()]
    finalize(held[0], gone.set)
    gc.collect()  # it is old now, and no look at what is new comes by it
    with serving():
        held.clear()
        assert not gone.wait(1)
    with serving(at_all_after=2):
        assert gone.wait(PATIENCE)
