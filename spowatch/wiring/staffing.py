"""Who is told, built from settings: the desk of a console, the channels there are and which of them fail."""

from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from consumers.staffing import Staffing
from domain.desk.contacts import ContactMethod
from domain.desk.receivers import ReceiverRecord, receiver_stream
from spowatch.settings.faults import SettingsError
from spowatch.settings.root import Settings

if TYPE_CHECKING:
    from spowatch.open_store import Store


def staffing(store: "Store", clock: Callable[[], datetime]) -> Staffing:
    """Raises `SettingsError` when there never was a policy that may be taken."""

    def works(method: ContactMethod) -> bool:
        record = store.register.read(ReceiverRecord(receiver_stream(method.channel)))
        return not record.failing and not record.gone

    set_up = channels_set_up(store.settings)
    return Staffing(store.policy, store.register, clock, monotonic, set_up, works)


def channels_set_up(settings: Settings) -> set[str]:
    """The channels to people there are settings for."""
    ways = {"console": True, "mail": settings.mail, "text": settings.text}
    return {name for name, way in ways.items() if way}


def concerns(store: "Store") -> Callable[[Sequence[str]], bool]:
    """Whether what concerns these forces goes to the desk of this console.

    A desk that the policy no longer has is told everything: nothing may fall between two desks.
    Raises `SettingsError` for one that it does not have at the start.
    """
    desk, policy = store.settings.console.desk, store.policy
    if desk is None:
        return lambda _: True
    if desk not in policy.current().desks:
        known = ", ".join(sorted(policy.current().desks)[:5])
        msg = f"SPO_CONSOLE__DESK: the policy has no desk of that name; it has {known} and others"
        raise SettingsError(msg)

    def goes_here(forces: Sequence[str]) -> bool:
        book = policy.current()
        return desk not in book.desks or desk in book.desks_of(forces)

    return goes_here
