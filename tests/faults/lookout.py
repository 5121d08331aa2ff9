"""Looks at the log from outside, all the time, and notes what appears and what the clock showed."""

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import time
from typing import Self

from tests.faults.falling_due import CONCERN, MISSED, Moment
from tests.faults.log_rows import LogRows

_OPENED, _ALERT = "spo.order-opened.v1", "spo.alert-raised.v1"
_EVERY = 0.002
_MEANWHILE = 1.0
"""Seconds a conclusion may take from the look at the clock until it is seen in the log."""
_EXACT = timedelta(milliseconds=1)

LatestShown = Callable[[float, float], datetime]
"""The latest that the clock of the programs showed between two real instants."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was found on an order, as it appeared in the log at the real instant `seen`."""

    moment: Moment
    written: datetime
    """The earliest moment at which it says it was concluded or entered."""
    clock: datetime
    """The latest that the clock showed in the second before it was seen."""
    seen: float

    @property
    def early(self) -> bool:
        """By what the program wrote down itself, or by the clock as it was seen from outside."""
        _, _, due_at = self.moment
        return self.written < due_at or self.clock + _EXACT < due_at


class Lookout:
    """A thread that reads the log's rows, with no code of the product's, until it is left."""

    def __init__(self, log: LogRows, latest_shown: LatestShown) -> None:
        self.sightings: list[Sighting] = []
        self.alerts: list[tuple[str, datetime]] = []
        self._log = log
        self._latest_shown = latest_shown
        self._orders: dict[object, str] = {}
        self._position = 0
        self._news = threading.Condition()
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self._thread.join()
        self._log.close()

    def wait_for(self, moments: Iterable[Moment], patience: float) -> bool:
        """Whether all of them were seen within so many seconds."""
        left = set(moments)
        seen = 0

        def met() -> bool:
            nonlocal seen
            left.difference_update(each.moment for each in self.sightings[seen:])
            seen = len(self.sightings)
            return not left

        return self._wait(met, patience)

    def wait_for_more_than(self, count: int, patience: float) -> bool:
        return self._wait(lambda: len(self.sightings) > count, patience)

    def wait_for_alerts(self, moments: Iterable[Moment], patience: float) -> bool:
        wanted = {(order, due_at) for order, _, due_at in moments}
        return self._wait(lambda: wanted <= set(self.alerts), patience)

    def _wait(self, met: Callable[[], bool], patience: float) -> bool:
        with self._news:
            return self._news.wait_for(met, max(0.0, patience))

    def _watch(self) -> None:
        while not self._leaving.wait(_EVERY):
            self._look()
        self._look()

    def _look(self) -> None:
        found = self._log.after(self._position)
        if not found:
            return
        seen = time()
        with self._news:
            for self._position, stream, topic, state in found:
                self._note(stream, topic, state, seen)
            self._news.notify_all()

    def _note(self, stream: object, topic: str, state: bytes, seen: float) -> None:
        if topic not in (_OPENED, _ALERT, MISSED, CONCERN):
            return
        row = json.loads(state)
        meta, event = row["meta"], row["event"]
        if topic == _OPENED:
            self._orders[stream] = event["reference"]
        elif topic == _ALERT:
            self.alerts.append((event["reference"], _instant(event["due_at"])))
        else:
            moment = (self._orders[stream], topic, _instant(event["due_at"]))
            written = min(_instant(meta["recorded_at"]), _instant(meta["entered_at"]))
            clock = self._latest_shown(seen - _MEANWHILE, seen)
            self.sightings.append(Sighting(moment, written, clock, seen))


def the_machines_clock(_: float, until: float) -> datetime:
    return datetime.fromtimestamp(until, UTC)


def on_record(log: LogRows) -> list[Moment]:
    """Everything found on the orders, read from the log anew."""
    orders, found = {}, []
    for _, stream, topic, state in log.of((_OPENED, MISSED, CONCERN)):
        event = json.loads(state)["event"]
        if topic == _OPENED:
            orders[stream] = event["reference"]
        else:
            found.append((stream, topic, _instant(event["due_at"])))
    return [(orders[stream], topic, due_at) for stream, topic, due_at in found]


def raised(log: LogRows) -> int:
    """How much was found on the orders by this instant."""
    return log.count((MISSED, CONCERN))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
