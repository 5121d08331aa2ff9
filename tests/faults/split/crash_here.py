"""Copied into the planted program: ends or freezes its own process at a named moment, once."""

import os
import signal
from collections import Counter
from pathlib import Path

_hits: Counter[str] = Counter()


def crash(moment: str) -> None:
    """`CRASH_HERE` is MOMENT:HIT:SIGNAL:MARK.

    Hits count from when the file MARK.go is there; MARK is made before the end, and stops the next.
    """
    wanted, _, rest = os.environ.get("CRASH_HERE", "").partition(":")
    if wanted != moment:
        return
    hit, name, mark = rest.split(":", 2)
    if not Path(f"{mark}.go").exists():
        return
    _hits[moment] += 1
    if _hits[moment] >= int(hit) and not Path(mark).exists():
        Path(mark).write_text(moment, encoding="utf-8")
        os.kill(os.getpid(), signal.Signals[name])
