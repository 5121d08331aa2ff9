"""The orders of a register as its log has them, for what a sheet is held against."""

from collections.abc import Iterator
from uuid import UUID

from domain.orders import OrderOpened
from spowatch.log_pages import pages, stream_of
from spowatch.open_store import Store


def orders_opened(store: Store) -> Iterator[tuple[int, UUID]]:
    """Position and id of every order on the register."""
    for found in pages(store, [OrderOpened.TOPIC]):
        yield found.id, stream_of(found)
