"""Lets kafka-python read records whose headers have names that are not UTF-8.

Kafka itself lets any producer write such a record, and kafka-python 3.0.12 then stands still before it
for ever: whoever may send one command could silence a whole partition.
"""

from typing import Any

from kafka.record import memory_records
from kafka.record.default_records import DefaultRecordBatch


def read_any_header_name() -> None:
    """From now on, in this process. The library has no setting for it."""
    memory_records.DefaultRecordBatch = _Batch


class _Batch(DefaultRecordBatch):  # type: ignore[misc]  # the library is not typed
    _buffer: Any

    def _read_msg(self, *settings: Any) -> Any:
        try:
            return super()._read_msg(*settings)
        except UnicodeDecodeError:
            strict, self._buffer = self._buffer, _Forgiving(self._buffer)
            try:
                return super()._read_msg(*settings)
            finally:
                self._buffer = strict


class _Forgiving(bytearray):
    """Bytes that are no text are U+FFFD when they are read as text."""

    def __getitem__(self, place: Any) -> Any:
        got = super().__getitem__(place)
        return _Forgiving(got) if isinstance(got, bytearray) else got

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return super().decode(encoding, errors)
