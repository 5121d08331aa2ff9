"""Where a receiver begins in the log: at the moment it is first set, or from where a person says.

What was raised before a receiver was set is not its news; an old store would otherwise tell it of years.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import cast

from eventsourcing.persistence import IntegrityError, ProcessRecorder

from domain.desk.receivers import ReceiverRecord, receiver_stream
from domain.register import OrderRegister


def lane_name(receiver: str, *, urgent: bool) -> str:
    return f"outward:{receiver}:{'urgent' if urgent else 'other'}"


def beginning(register: OrderRegister, receiver: str, now: datetime) -> ReceiverRecord:
    """The receiver's record, on which it has begun; the first who asks puts that there."""
    stream = receiver_stream(receiver)
    record = register.read(ReceiverRecord(stream))
    if record.begins_after is None:
        record.begin(receiver, _first_place(register, receiver), now)
        with suppress(IntegrityError):  # its other lane was first
            register.keep([record])
        record = register.read(ReceiverRecord(stream))
    return record


def bookmark_of(lane: str, beginnings: int) -> str:
    """A bookmark never goes back: one who begins again has another."""
    return lane if beginnings < 2 else f"{lane}:{beginnings}"  # noqa: PLR2004 - the second one


def superseded(bookmarks: dict[str, int]) -> set[str]:
    """Bookmarks of lanes that began again since: nobody is behind by them."""
    lanes: dict[str, list[tuple[int, str]]] = {}
    for name in bookmarks:
        if name.startswith("outward:"):
            lane, _, number = name.rpartition(":")
            key, order = (lane, int(number)) if number.isdigit() else (name, 1)
            lanes.setdefault(key, []).append((order, name))
    return {name for each in lanes.values() for _, name in sorted(each)[:-1]}


def place(register: OrderRegister, lane: str, record: ReceiverRecord) -> int:
    """After which position that lane goes on. Whoever begins again drops nothing still to be sent."""
    bookmarks = cast("ProcessRecorder", register.recorder)
    here = bookmarks.max_tracking_id(bookmark_of(lane, record.beginnings))
    if here is not None:
        return here
    begins = record.begins_after or 0
    before = list(_earlier(bookmarks, lane, record.beginnings))
    return min([begins, *before[-1:]])


def _earlier(bookmarks: ProcessRecorder, lane: str, beginnings: int) -> Iterator[int]:
    for number in range(1, beginnings):
        position = bookmarks.max_tracking_id(bookmark_of(lane, number))
        if position is not None:
            yield position


def _first_place(register: OrderRegister, receiver: str) -> int:
    """The head of the log; where it sent before beginnings were put on record, as far as that went."""
    bookmarks = cast("ProcessRecorder", register.recorder)
    lanes = (lane_name(receiver, urgent=urgent) for urgent in (True, False))
    known = [at for each in lanes if (at := bookmarks.max_tracking_id(each)) is not None]
    return min(known) if known else register.recorder.max_notification_id() or 0
