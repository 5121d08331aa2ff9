"""Intake: commands that courts, forces and providers put on the broker, told to the register."""

from hashlib import sha256
from typing import Any, Protocol

from eventsourcing.persistence import IntegrityError

from consumers.kafka_feed import BadRecords
from consumers.kafka_records import KafkaRecords

INTAKE = "spo.intake.v1"
BATCH = 100
LARGEST = 256 * 1024
"""Bytes of a command; a longer account belongs in the case file."""


class Told(Protocol):
    def __call__(self, command: bytes, *, once: str, order: bytes | None) -> str | None:
        """State what the command says, once for each `once`, and return why it cannot be read.

        `order` is the record's key, and must be the order's reference where there is one. None when
        the command was accepted, or refused by law: both are on record.
        """
        ...


class Intake:
    """Every command is told once: its own id, or its place at the broker, is the idempotency key.

    The bookmark follows the effect. A crash between the two tells a command again, and the register
    gives its first answer. One that cannot be read is put before a person and holds up no other.
    """

    def __init__(self, records: KafkaRecords, told: Told, bad: BadRecords) -> None:
        self._records = records
        self._told = told
        self._bad = bad

    def work(self, wait: float) -> int:
        """Tell what has come in, waiting at most `wait` seconds; how many records."""
        records = self._records.read(limit=BATCH, wait=wait)
        whys = [(record, self._why_not(record)) for record in records]
        bad = [(record, why) for record, why in whys if why is not None]
        if bad:
            self._bad(bad)
        if records:
            self._pass_over(records[-1])
        return len(records)

    def close(self) -> None:
        self._records.close()

    def _why_not(self, record: Any) -> str | None:
        """Tell it; why it cannot be told, where it cannot."""
        command = record.value or b""
        if len(command) > LARGEST:
            return f"more than {LARGEST} bytes"
        # Where a broker lost records, others come to lie in their places.
        held = sha256(command).hexdigest()[:16]
        once = f"{self._records.named(record)}:{record.offset}:{held}"
        return self._told(command, once=once, order=record.key)

    def _pass_over(self, last: Any) -> None:
        try:
            self._records.pass_over(last)
        except IntegrityError:  # another instance was here before: go on from where it is
            self._records.close()
