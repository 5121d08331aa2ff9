"""A row as a class: its fields are the columns of its sheet, and their types what each holds."""

from collections.abc import Iterator
from dataclasses import Field, fields
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, get_args, get_type_hints
from uuid import UUID

import domain
from domain.calendar import clock_rules
from projections.sheet import Column, Kind, Row, Table, hash_of

OPENED = "opened"
"""The field every row is sorted by: the position at which its stream began. It is told once."""

_KINDS = MappingProxyType(
    {
        UUID: Kind.ID,
        str: Kind.TEXT,
        int: Kind.NUMBER,
        datetime: Kind.INSTANT,
        date: Kind.DAY,
    }
)


class RowClass(Protocol):
    """A dataclass whose first field is the key of its stream, and which has an `opened`."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


def columns_of(row: type[RowClass]) -> tuple[Column, ...]:
    """Raises `KeyError` for a type that no column can hold."""
    hints = get_type_hints(row)
    return tuple(
        Column(each.name, _KINDS[_held(hints[each.name])], once=each.name == OPENED)
        for each in fields(row)
    )


def _held(hint: Any) -> Any:
    return next((each for each in get_args(hint) if each is not type(None)), hint)


@cache
def table_of(  # noqa: PLR0913 - what a table may have, by name
    name: str,
    version: int,
    row: type[RowClass],
    *sources: str,
    found_by: tuple[str, ...] = (),
    tallied_by: tuple[tuple[str, str], ...] = (),
    walled_by: tuple[str, ...] = (),
    rules: int | None = None,
) -> Table:
    """`sources` are the files of ours, beside all of `domain/`, that the rows are worked out by.

    `rules` are the clock rules they are worked out by; this machine's unless stated. The files are read once a
    process: what it runs does not change with them.
    """
    shared = [Path(__file__), Path(__file__).with_name("order_sheet.py")]
    files = [*Path(domain.__path__[0]).rglob("*.py"), *map(Path, sources), *shared]
    told = hash_of(files, clock_rules() if rules is None else rules)
    return Table(name, version, columns_of(row), OPENED, told, found_by, tallied_by, walled_by)


def values_of(row: RowClass) -> Row:
    return tuple(_values(row))


def _values(row: RowClass) -> Iterator[Any]:
    return (getattr(row, each.name) for each in fields(row))
