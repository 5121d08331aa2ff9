"""What is kept between uses: the streams used last, no more events than there is room for."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.dossier import order_id
from domain.events import Stream
from domain.orders import StalkingProtectionOrder
from spowatch.store.shelf import Shelf
from tests.stories import served_order, store_at, tell


def stream(version: int) -> Stream:
    return Stream(uuid4(), version)


def held(shelf: Shelf, *streams: Stream) -> list[bool]:
    """Whether each is there; it is put back."""
    found = [shelf.take(each.id, Stream) for each in streams]
    for each in found:
        if each.version:
            shelf.put(each)
    return [each.version > 0 for each in found]


def test_what_is_taken_is_nobody_else_s_until_it_is_put_back() -> None:
    shelf, order = Shelf(100), stream(9)
    shelf.put(order)
    assert shelf.take(order.id, Stream) is order
    assert shelf.take(order.id, Stream).version == 0
    shelf.put(order)
    assert shelf.take(order.id, Stream) is order


def test_what_is_kept_is_known_to_be_there_and_an_empty_stream_is_not() -> None:
    shelf, order, empty = Shelf(100), stream(9), stream(0)
    for each in (order, empty):
        assert not shelf.has(each.id)
        shelf.put(each)
    assert [shelf.has(each.id) for each in (order, empty)] == [True, False]
    shelf.take(order.id, Stream)
    assert not shelf.has(order.id)


def test_what_nobody_used_for_longest_makes_room() -> None:
    shelf, old, used, new = Shelf(25), stream(9), stream(9), stream(9)
    shelf.put(old)
    shelf.put(used)
    assert held(shelf, old, used) == [True, True]
    shelf.put(new)
    assert held(shelf, old, used, new) == [False, True, True]


def test_a_stream_that_grew_is_counted_as_it_is() -> None:
    shelf, growing, other = Shelf(25), stream(3), stream(9)
    shelf.put(growing)
    shelf.put(other)
    taken = shelf.take(growing.id, Stream)
    taken.version = 14
    shelf.put(taken)
    assert held(shelf, other, growing) == [True, True]
    taken = shelf.take(growing.id, Stream)
    taken.version = 20
    shelf.put(taken)
    assert held(shelf, other, growing) == [False, True]


def test_one_that_is_longer_than_the_shelf_is_not_kept_and_leaves_the_room_as_it_was() -> None:
    shelf, long, short = Shelf(25), stream(1000), stream(9)
    shelf.put(long)
    shelf.put(short)
    assert held(shelf, long, short) == [False, True]


def test_put_back_twice_it_is_counted_once() -> None:
    """Two read it at once, since the one found it taken."""
    shelf, order, other = Shelf(25), stream(9), stream(9)
    shelf.put(order)
    shelf.put(Stream(order.id, 10))
    shelf.put(other)
    assert held(shelf, order, other) == [True, True]


def test_another_kind_of_stream_is_not_taken_for_one() -> None:
    class Other(Stream):
        pass

    shelf, order = Shelf(25), stream(9)
    shelf.put(order)
    assert shelf.take(UUID(str(order.id)), Other).version == 0


def test_an_order_that_is_looked_at_is_kept_and_orders_there_are_not_take_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        shelf, known = Shelf(40), order_id("KENT-1")
        monkeypatch.setattr(store.register, "_shelf", shelf)
        with store.register.looked_at(known) as order:
            assert order.version == store.register.order("KENT-1").version
        for number in range(60):
            with store.register.looked_at(order_id(f"KENT-NONE-{number}")) as none:
                assert none.version == 0
        assert shelf.take(known, StalkingProtectionOrder) is order
