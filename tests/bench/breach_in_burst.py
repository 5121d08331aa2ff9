"""Breaches reported while many alerts are raised at once: when each was accepted, when its alert was there."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time

from domain.findings import BreachRecorded, NotificationMissed
from domain.published import OrderEvent
from spowatch.open_store import Store
from tests.bench.observer import Sighting
from tests.bench.registers import NOW, breach, life, state
from tests.stories import work_until_idle

BREACHES = 30
BROKEN = "BROKEN"
"""How the reference of an order begins that one is reported on."""
_BEGIN, _EVERY = 0.15, 0.1
_UNBROKEN = 7
"""The facts of a life up to the last that nothing but a breach comes of."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds from a breach accepted to its alert, and to the end of its turn.

    Its turn is over when the alert of the finding before it in the log was there too.
    """

    alert: Sequence[float]
    in_turn: Sequence[float]


class Reporter:
    """States a breach on each of its own orders, one after the other, from a given moment on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._references = [f"{BROKEN}/{number}" for number in range(BREACHES)]
        for each in self._references:
            state(store.register, each, life(NOW)[:_UNBROKEN])
        work_until_idle(store, "alert")
        self._accepted: dict[str, float] = {}
        self._thread = threading.Thread(target=self._report)

    def begin_after(self, moment: float) -> None:
        self._begins = moment + _BEGIN
        self._thread.start()

    def _report(self) -> None:
        pause = threading.Event()
        for number, each in enumerate(self._references):
            pause.wait(self._begins + number * _EVERY - time())
            state(self._store.register, each, [breach(datetime.now(UTC), "now")])
            self._accepted[each] = time()

    def waits(self, seen: Sequence[Sighting]) -> Waits:
        """Of those that came behind a missed duty."""
        self._thread.join()
        at = {each.told["event"]["order_id"]: each.at for each in seen}
        name = {each.told["event"]["order_id"]: each.told["event"]["reference"] for each in seen}
        findings = [e for e in _all(self._store) if e.topic in _FINDINGS and str(e.stream_id) in at]
        alert, in_turn, before = [], [], 0.0
        for each in findings:
            order = str(each.stream_id)
            if each.topic == NotificationMissed.TOPIC:
                before = at[order]
            elif before:
                accepted = self._accepted[name[order]]
                alert.append((at[order] - accepted) * 1e3)
                in_turn.append((max(at[order], before) - accepted) * 1e3)
        return Waits(alert, in_turn)


_FINDINGS = frozenset({BreachRecorded.TOPIC, NotificationMissed.TOPIC})


def _all(store: Store) -> Sequence[OrderEvent]:
    return store.events.read(0, limit=1_000_000, wait=0)
