"""When Python looks for objects that only hold each other: seldom, and never at all of them while somebody waits."""

import gc
from threading import Event

_EVERY = 0.2
"""Seconds between looks at what was made since the last."""
_NEVER = 1_000_000
"""Looks until everything is gone through: two days of them. It stops every thread for a second a million objects."""


def collect_garbage_rarely() -> None:
    """Reading orders makes many objects and hardly a cycle; looking for cycles cost 40 % of it."""
    gc.freeze()
    gc.set_threshold(50_000, 20, _NEVER)


def collect_garbage_until(stop: Event) -> None:
    """By the clock, for as long as the process serves.

    Python counts what was made less what was let go. Orders that push others out of memory keep that count
    near nothing, a million new ones are then gone through in one look, and every command waits half a second.
    """
    while not stop.wait(_EVERY):
        gc.collect(1)
