"""Waiting for a claim to run out, on whatever clock it does."""

import threading
from datetime import datetime
from time import monotonic

from domain.deadlines import Due
from projections.deadline_sheet import DeadlineSheet
from tests.program import PATIENCE


def once_free(sheet: DeadlineSheet, instant: datetime) -> list[Due]:
    """What is due at that instant, claimed as soon as nobody holds it any more."""
    deadline, nothing = monotonic() + PATIENCE, threading.Event()
    while not (due := sheet.claim(instant, limit=10)):
        assert monotonic() < deadline
        nothing.wait(0.005)
    return due
