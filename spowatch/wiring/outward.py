"""What goes out of the house, built from settings: two lanes for each receiver, each a role of its own."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from consumers.lane_start import beginning
from consumers.outward_lane import Lane
from consumers.receipts import ReceiptCollector
from consumers.sender_mark import SenderMark
from consumers.sending_guard import SendingGuard
from spowatch.settings.faults import SettingsError
from spowatch.settings.root import Settings
from spowatch.wiring.on_duty import with_people_on_duty
from spowatch.wiring.receivers import receivers, text_channel

if TYPE_CHECKING:
    from spowatch.open_store import Store

URGENT, OTHER = "outward-urgent", "outward"
RECEIPTS = "receipts"
_NO_RECEIVER = (
    "this role needs a receiver: set SPO_WEBHOOK__URL, or SPO_MAIL__, SPO_TEXT__ or SPO_CAP__ "
    "settings; see docs/how-to/tell-people-outside.md"
)

_NO_RECEIPTS = "this role asks GOV.UK Notify for receipts: set SPO_TEXT__API_KEY and the like"


def is_lane(name: str) -> bool:
    return name.partition(":")[0] in {URGENT, OTHER}


def lanes_of(settings: Settings) -> tuple[str, ...]:
    """Every lane the settings ask for, and who asks for receipts; from a store for training nothing goes out."""
    if settings.for_training:
        return ()
    lanes = (f"{urgency}:{name}" for urgency in (URGENT, OTHER) for name in receivers(settings))
    return (*lanes, *(() if settings.text is None else (RECEIPTS,)))


def lanes_named(name: str, settings: Settings) -> tuple[str, ...]:
    """`outward` is the lane of every receiver; any other role is itself."""
    if not is_lane(name):
        return (name,)
    known = tuple(f"{name.partition(':')[0]}:{each}" for each in receivers(settings))
    if not known:
        raise SettingsError(_NO_RECEIVER)
    if ":" in name and name not in known:
        msg = f"no role {name!r}; with these settings there are {', '.join(known)}"
        raise SettingsError(msg)
    return (name,) if ":" in name else known


def begin_receivers(names: Iterable[str], store: "Store", at: datetime) -> None:
    """Put on record that those named begin, before any role of this process raises an alert."""
    for name in {name.partition(":")[2] for name in names if is_lane(name)}:
        beginning(store.register, name, at)


@contextmanager
def lane(name: str, store: "Store", clock: Callable[[], datetime]) -> Iterator[Lane]:
    """Raises `SettingsError` when the settings name no such receiver, or a wrong key."""
    urgency, _, receiver_name = name.partition(":")
    lanes_named(name, store.settings)
    receiver = receivers(store.settings)[receiver_name](clock)
    receiver = with_people_on_duty(receiver, store.policy)
    with closing(receiver.channel):
        guard = SendingGuard(store.register, SenderMark(store.settings.data_dir), clock)
        told = replace(receiver, exercise=store.settings.for_training)
        urgent = urgency == URGENT
        with closing(
            Lane(told, store.register, store.events, clock, guard, urgent=urgent)
        ) as opened:
            yield opened


@contextmanager
def collecting(store: "Store", clock: Callable[[], datetime]) -> Iterator[ReceiptCollector]:
    """Raises `SettingsError` when no receiver gives receipts."""
    text = store.settings.text
    if text is None:
        raise SettingsError(_NO_RECEIPTS)
    with closing(text_channel(text)) as channel:
        collector = ReceiptCollector(channel, store.register, store.events, clock)
        store.meters.receipts.late.set_function(lambda: collector.late)
        yield collector
