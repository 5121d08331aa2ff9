"""What only holds itself is let go while the process serves, though Python would not look for it by itself."""

import gc
from threading import Event, Thread
from weakref import finalize

from spowatch.garbage import collect_garbage_until
from tests.program import PATIENCE


class _Circle:
    def __init__(self) -> None:
        self.me = self


def test_what_only_holds_itself_is_let_go_while_the_process_serves() -> None:
    stop, gone = Event(), Event()
    gc.disable()
    serving = Thread(target=collect_garbage_until, args=(stop,))
    serving.start()
    try:
        finalize(_Circle(), gone.set)
        assert gone.wait(PATIENCE)
    finally:
        stop.set()
        serving.join()
        gc.enable()
