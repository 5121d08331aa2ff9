"""Intake: commands that courts, forces and providers put on the broker, told to the register."""

from typing import Any, Protocol

from eventsourcing.persistence import IntegrityError

from consumers.kafka_feed import BadRecord
from consumers.kafka_records import KafkaRecords

INTAKE = "spo.intake.v1"
BATCH = 100
LARGEST = 256 * 1024
"""Bytes of a command; a longer account belongs in the case file."""


class Told(Protocol):
    def __call__(self, command: bytes, *, key: str) -> str | None:
        """State what the command says, once for each `key`, and return why it cannot be read.

        None when it was accepted, or refused by law: both are on record.
        """
        ...


class Intake:
    """Every command is told once: its own id, or its place at the broker, is the idempotency key.

    The bookmark follows the effect. A crash between the two tells a command again, and the register
    gives its first answer. One that cannot be read is put before a person and holds up no other.
    """

    def __init__(self, records: KafkaRecords, told: Told, bad: BadRecord) -> None:
        self._records = records
        self._told = told
        self._bad = bad

    def work(self, wait: float) -> int:
        """Tell what has come in, waiting at most `wait` seconds; how many records."""
        records = self._records.read(limit=BATCH, wait=wait)
        for record in records:
            self._tell(record)
        if records:
            self._pass_over(records[-1])
        return len(records)

    def close(self) -> None:
        self._records.close()

    def _tell(self, record: Any) -> None:
        command = record.value or b""
        if len(command) > LARGEST:
            reason: str | None = f"more than {LARGEST} bytes"
        else:
            key = f"{self._records.tracking(record).application_name}:{record.offset}"
            reason = self._told(command, key=key)
        if reason is not None:
            self._bad(record, reason)

    def _pass_over(self, last: Any) -> None:
        try:
            self._records.pass_over(last)
        except IntegrityError:  # another instance was here before: go on from where it is
            self._records.close()
