"""Bugs planted in the product for the length of a run, to see that the oracle would notice them.

Each is one that a hurried hand could write. They are put there from outside; the product has no switch.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Any
from unittest.mock import patch
from uuid import uuid5

from consumers import arrest_desk, outward_lane, outward_messages
from consumers.log_feed import LogFeed
from domain.calendar import Window
from domain.deadlines import Agenda
from domain.desk.escalation import Escalation
from domain.desk.events import LeaseRanOut
from domain.desk.record import AlertOnRecord
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from projections.sqlite import SqliteSheetStore
from scheduler.sweeps import Sweep

Plant = Callable[[], AbstractContextManager[object]]
_AHEAD = timedelta(hours=1)


def _instead(owner: Any, name: str, made: Callable[[Any], Any]) -> Plant:
    """What is there, put in the hands of `made`, and what it makes of it in its place."""

    @contextmanager
    def planted() -> Iterator[None]:
        with patch.object(owner, name, made(owner.__dict__[name])):
            yield

    return planted


def _reads_one_too_far(begin: Any) -> Any:
    def init(self: Any, *args: Any) -> None:
        begin(self, *args)
        self._position += self._position > 0

    return init


def _another_id_each_time(_: Any) -> Any:
    numbers = count()
    return lambda cause, rule: uuid5(cause, f"{rule}:{next(numbers)}")


def _ahead(init: Any) -> Any:
    """Summer time taken for UTC."""

    def begun(self: Any, sheet: Any, reader: Any, orders: Any, now: Any, aside: Any) -> None:
        init(self, sheet, reader, orders, lambda: now() + _AHEAD, aside)

    return begun


def _rows_away_first(tell: Any) -> Any:
    def told(self: Any, due: Any) -> None:
        self.sheet.rearm({e.order_id: Agenda(e.version, 1, []) for e in due}, self._now())
        tell(self, due)

    return told


def _leaves_one_out(put: Any) -> Any:
    numbers = count(1)

    def kept(self: Any, agendas: Any, position: int, *, after: int = 0) -> None:
        some = dict(agendas)
        if some and next(numbers) % 7 == 0:
            some.popitem()
        put(self, some, position, after=after)

    return kept


def _row_lost(put: Any) -> Any:
    numbers = count(1)

    def kept(self: Any, mark: Any, position: int, rows: Any, parked: Any) -> Any:
        lost = bool(rows) and next(numbers) % 20 == 0
        return put(self, mark, position, rows[:-1] if lost else rows, parked)

    return kept


def _message_of_the_moment(message_id: Any) -> Any:
    numbers = count()
    return lambda event: uuid5(message_id(event), str(next(numbers)))


def _without_leases(pending: Any) -> Any:
    def left(self: Any) -> Iterator[Any]:
        return (each for each in pending(self) if not isinstance(each[1], LeaseRanOut))

    return left


def _only_new(waiting_for: Any) -> Any:
    """What did not work the first time is not sent again."""

    def wait(delivery: Any, *about: Any) -> Any:
        return None if delivery.attempts else waiting_for(delivery, *about)

    return wait


PLANTS: MappingProxyType[str, Plant] = MappingProxyType(
    {
        "the desk begins one too far": _instead(LogFeed, "__init__", _reads_one_too_far),
        "an id for each try": _instead(arrest_desk, "alert_id", _another_id_each_time),
        "a sweep by summer time": _instead(Sweep, "__init__", _ahead),
        "rows away before they are told": _instead(Sweep, "_tell", _rows_away_first),
        "the sheet leaves one out": _instead(SqliteDeadlineSheet, "put", _leaves_one_out),
        "two days instead of three": _instead(
            Window,
            "of_days",
            lambda _: classmethod(lambda cls, day, n: cls(day, day + timedelta(days=n - 2))),
        ),
        "midnight in Greenwich": _instead(
            Window,
            "deadline",
            lambda _: property(
                lambda self: datetime.combine(
                    self.last_day + timedelta(days=1), datetime.min.time(), UTC
                )
            ),
        ),
        "late knowledge withdraws nothing": _instead(
            arrest_desk, "withdrawals_from", lambda _: lambda *__: iter(())
        ),
        "a message id for each try": _instead(
            outward_messages, "message_id", _message_of_the_moment
        ),
        "sent once and no more": _instead(outward_lane, "waiting_for", _only_new),
        "told three times is enough": _instead(
            Escalation, "_enough", lambda _: property(lambda self: self._told_all)
        ),
        "leases never run out": _instead(AlertOnRecord, "pending", _without_leases),
        "over once somebody took it": _instead(
            AlertOnRecord,
            "open",
            lambda _: property(lambda self: self.raised is not None and not self.taken),
        ),
        "a sheet loses a row": _instead(SqliteSheetStore, "put", _row_lost),
    }
)
