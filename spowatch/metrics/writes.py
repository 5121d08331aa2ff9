"""Writes to the log as every command and consumer makes them: how long, how many, and what was refused."""

from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

from eventsourcing.persistence import IntegrityError
from prometheus_client import CollectorRegistry, Counter, Histogram

from domain.events import RecordedEvent
from spowatch.store.factory import LogFactory
from spowatch.store.log_events import LogEventStore

T = TypeVar("T")
WRITING = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)


Told = Callable[[Sequence[RecordedEvent]], None]


def tell_nobody(_: Sequence[RecordedEvent]) -> None:
    """A command that is typed has its answer, and writes no log."""


class WriteMeters:
    """Refused is not failed: the store refuses the second of two writers, and so nothing comes twice."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.seconds = Histogram(
            "spo_log_write_seconds",
            "Time until a write to the log was durable",
            buckets=WRITING,
            registry=registry,
        )
        self.events = Counter(
            "spo_log_events_written", "Events made durable by this process", registry=registry
        )
        self.refused = Counter(
            "spo_log_writes_refused",
            "Writes the log refused because the same was there already, or another was first",
            registry=registry,
        )
        self.failed = Counter(
            "spo_log_writes_failed", "Writes that failed: the store was away", registry=registry
        )

    def write(self, events: int, save: Callable[[], T]) -> T:
        begun = perf_counter()
        try:
            saved = save()
        except IntegrityError:
            self.refused.inc()
            raise
        except BaseException:
            self.failed.inc()
            raise
        self.seconds.observe(perf_counter() - begun)
        self.events.inc(events)
        return saved


class MeasuredEventStore(LogEventStore):
    """The event store, each write of it measured."""

    def __init__(self, mapper: Any, log: Any, meters: WriteMeters, told: Told) -> None:
        super().__init__(mapper, log)
        self._meters = meters
        self._told = told

    def append(self, events: Sequence[RecordedEvent]) -> Sequence[int]:
        save = partial(super().append, events)
        positions = self._meters.write(len(events), save)
        self._told(events)
        return positions

    def put(self, domain_events: Sequence[Any], **given: Any) -> Any:
        save = partial(super().put, domain_events, **given)
        recordings = self._meters.write(len(domain_events), save)
        self._told(domain_events)
        return recordings


class MeasuredFactory(LogFactory):
    """The same parts, with the event store measured."""

    def __init__(self, log: Any, mapper: Any, meters: WriteMeters, told: Told) -> None:
        """`told` hears of what was made durable."""
        super().__init__(log, mapper)
        self._meters = meters
        self._told = told

    def event_store(self, *_: Any, **__: Any) -> MeasuredEventStore:  # type: ignore[override]  # we make no other, whatever is asked
        return MeasuredEventStore(self._mapper, self._log, self._meters, self._told)
