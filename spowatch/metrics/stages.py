"""How far each stage is behind the log, in events and in seconds, on a registry."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge

KEPT = 5_000
"""Moments at which the log was seen to grow; a stage that is behind them all is said to be as late as the oldest."""


class StageMeters:
    """A stage is a reader's bookmark, a sheet, or the relay."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.head = Gauge(
            "spo_log_position",
            "The last position of the log; some numbers may be skipped, so it is no count",
            registry=registry,
        )
        self.events = Gauge(
            "spo_stage_lag_events",
            "Events of the log that a stage has not handled",
            ["stage"],
            registry=registry,
        )
        self.seconds = Gauge(
            "spo_stage_lag_seconds",
            "How long the oldest of the events a stage has not handled has waited",
            ["stage"],
            registry=registry,
        )
        self.swept = Gauge(
            "spo_sweep_last_timestamp_seconds",
            "When a sweep last looked for what is due; 0 before the first time",
            registry=registry,
        )
        self.next_due = Gauge(
            "spo_deadline_next_timestamp_seconds",
            "The soonest instant on the deadline sheet; one that is past is being raised",
            registry=registry,
        )


class Growth:
    """When the log grew to where, as this process saw it."""

    def __init__(self, meters: StageMeters) -> None:
        self._meters = meters
        self._grown: deque[tuple[int, float]] = deque(maxlen=KEPT)
        self._stages: set[str] = set()
        self.head = 0

    def grew(self, position: int, at: float) -> None:
        """`at` is in seconds of a clock that is never set."""
        self._grown.append((position, at))
        self.head = position
        self._meters.head.set(position)

    def tell(self, positions: Mapping[str, int], now: float) -> None:
        """How far each stage is; one that is there no more is told no more."""
        for stage in self._stages - set(positions):
            self._meters.events.remove(stage)
            self._meters.seconds.remove(stage)
        self._stages = set(positions)
        for stage, position in positions.items():
            self._meters.events.labels(stage).set(max(0, self.head - position))
            self._meters.seconds.labels(stage).set(self._waiting(position, now))

    def tell_sweeps(self, swept_at: datetime | None, next_due: datetime | None) -> None:
        self._meters.swept.set(_seconds(swept_at))
        self._meters.next_due.set(_seconds(next_due))

    def _waiting(self, position: int, now: float) -> float:
        if position >= self.head:
            return 0.0
        return next((now - at for upto, at in self._grown if upto > position), 0.0)


def _seconds(instant: datetime | None) -> float:
    return 0.0 if instant is None else instant.timestamp()
