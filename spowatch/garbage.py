"""When Python looks for objects that only hold each other: seldom, and at all of them once an hour."""

import gc
from itertools import count
from threading import Event

_EVERY = 0.2
"""Seconds between looks at what was made since the last."""
AN_HOUR = 18_000
"""Such looks. One at everything stops every thread for a second a million objects."""


def collect_garbage_rarely() -> None:
    """Reading orders makes many objects and hardly a cycle; looking for cycles cost 40 % of it."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def collect_garbage_until(stop: Event, *, at_all_after: int = AN_HOUR) -> None:
    """By the clock, for as long as the process serves; at everything after so many looks.

    Python counts what was made less what was let go. Orders that push others out of memory keep that count
    near nothing, a million new ones are then gone through in one look, and every command waits half a second.
    What was in use at one look is passed over by the next: a closed stream would stay for ever. Python itself does
    not look meanwhile: whenever a quarter more had grown old, as by reading an order of thousands of facts, it went
    through everything there is.
    """
    gc.disable()
    try:
        for look in count(1):
            if stop.wait(_EVERY):
                return
            gc.collect(1 if look % at_all_after else 2)
    finally:
        gc.enable()
