"""A statement that one connection runs over and over, without what a cursor does around it each time."""

import struct
from collections.abc import Iterator, Sequence
from typing import LiteralString

from psycopg.errors import DataError, error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGresult

from spowatch.store.postgres_connection import TimedConnection

_INTEGER = struct.Struct("!i")
_BIGINT = struct.Struct("!q")
_ARRAY = struct.Struct("!iiIii")
"""Dimensions, whether any is null, what of, how many, and the number of the first."""


class Prepared:
    """Values and answers are in the server's binary form; who calls it turns them into that.

    Raises what a cursor would: `psycopg.Error`, of the class that the server's code says.
    """

    def __init__(
        self, connection: TimedConnection, name: str, sql: LiteralString, types: Sequence[int]
    ) -> None:
        self._connection = connection
        self._name = name.encode()
        self._formats = [Format.BINARY] * len(types)
        connection.pgconn.send_prepare(self._name, sql.encode(), types)
        self._answer()

    def run(self, values: Sequence[bytes | None]) -> PGresult:
        self._connection.pgconn.send_query_prepared(
            self._name, values, self._formats, result_format=Format.BINARY
        )
        return self._answer()

    def _answer(self) -> PGresult:
        result: PGresult
        [result] = self._connection.wait(execute(self._connection.pgconn))
        if result.status not in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
            raise error_from_result(result, self._connection.info.encoding)
        return result


def integer(number: int, *, form: struct.Struct = _INTEGER) -> bytes:
    """As the server has it in four bytes. Raises `DataError` where it does not fit."""
    try:
        return form.pack(number)
    except struct.error as error:
        raise DataError(str(error)) from None


def bigint(number: int) -> bytes:
    """As the server has it in eight bytes. Raises `DataError` where it does not fit."""
    return integer(number, form=_BIGINT)


def array(kind: int, items: Sequence[bytes | None]) -> bytes:
    """An array of that type, as the server has it."""
    head = _ARRAY.pack(1 if items else 0, None in items, kind, len(items), 1)
    lengths = ((-1 if each is None else len(each), each or b"") for each in items)
    told = (_INTEGER.pack(length) + each for length, each in lengths)
    return b"".join((head if items else head[:12], *told))


def numbers(told: bytes | None) -> Iterator[int]:
    """What an array of whole numbers holds, none of it null; nothing where there is no array."""
    at = _ARRAY.size
    while told is not None and at < len(told):
        (length,) = _INTEGER.unpack_from(told, at)
        at += _INTEGER.size + length
        yield int.from_bytes(told[at - length : at], "big", signed=True)
