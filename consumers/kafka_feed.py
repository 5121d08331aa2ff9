"""The feed through Apache Kafka: what the relay sent, as references to the log."""

from collections.abc import Callable, Sequence
from typing import Any

from eventsourcing.persistence import Tracking

from consumers.kafka_records import KafkaRecords
from consumers.relay_messages import Unreadable, event_of
from domain.published import OrderEvent

BadRecords = Callable[[Sequence[tuple[Any, str]]], None]
"""Told of records that are no messages of ours, and why; it must put them before a person."""


class KafkaFeed:
    """Events of some topics, a partition at a time. While there is no broker it is empty."""

    def __init__(self, records: KafkaRecords, bad: BadRecords) -> None:
        self.name = records.name
        self._records = records
        self._bad = bad
        self._last: dict[OrderEvent, Any] = {}

    def read(self, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        """Raises `KafkaError` while there was never a broker."""
        records = self._records.read(limit=limit, wait=wait)
        self._last, bad = {}, []
        for record in records:
            try:
                self._last[event_of(record.headers, record.key)] = record
            except Unreadable as fault:
                bad.append((record, str(fault)))
        if bad:
            self._bad(bad)
        if self._last:
            self._last[next(reversed(self._last))] = records[-1]
        elif records:
            self._records.pass_over(records[-1])
        return list(self._last)

    def commit(self, upto: OrderEvent) -> None:
        self._records.pass_over(self._last[upto])

    def tracking(self, upto: OrderEvent) -> Tracking:
        return self._records.tracking(self._last[upto])

    def committed(self, upto: OrderEvent) -> None:
        self._records.passed(self._last[upto])

    @property
    def follows_log(self) -> bool:
        return False

    @property
    def more(self) -> bool:
        return self._records.more

    @property
    def rewinds(self) -> int:
        return self._records.closed

    def rewind(self) -> None:
        self._records.close()

    def close(self) -> None:
        self._records.close()
