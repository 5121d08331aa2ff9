"""Staffing, built from settings: which channels there are, and which of them are known to fail."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from consumers.staffing import Staffing
from domain.desk.contacts import ContactMethod
from domain.desk.receivers import ReceiverRecord, receiver_stream

if TYPE_CHECKING:
    from spowatch.open_store import Store


def staffing(store: "Store", clock: Callable[[], datetime]) -> Staffing:
    """Raises `SettingsError` when there never was a policy that may be taken."""

    def works(method: ContactMethod) -> bool:
        record = store.register.read(ReceiverRecord(receiver_stream(method.channel)))
        return not record.failing and not record.gone

    return Staffing(store.policy, store.register, clock, monotonic, {"console"}, works)
