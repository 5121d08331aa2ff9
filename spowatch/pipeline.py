"""The pipeline as the on-call team reads it: the log's head, and how far every stage is behind it."""

from dataclasses import asdict, dataclass
from typing import Any

from consumers.lane_start import superseded
from consumers.line_receipts import receipt_name
from domain.events import Event
from domain.line_tests import StageHeard, StageRetired, StageSilent
from projections.pipeline_health import SheetHealth, health_of
from spowatch.log_pages import pages
from spowatch.open_store import Store
from spowatch.redriving import waiting
from spowatch.settings.root import KafkaTransport
from spowatch.sheet_names import SheetName
from spowatch.unread_messages import unsettled
from spowatch.wiring.ledger import opened_ledger, there_is_a_ledger
from spowatch.wiring.projections import projection, there_are_projections
from spowatch.wiring.sheets import opened_sheet, there_is_a_sheet
from spowatch.wiring.store import now

_DEADLINES = "deadline_sheet"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`readers` have a bookmark in the log; a silent stage let the last line test pass by.

    `unread`: messages that came in and nobody could read, and nobody has settled what they were.
    """

    head: int
    readers: dict[str, int]
    sheets: list[SheetHealth]
    silent: list[str]
    parked: int
    unread: int

    def as_dict(self) -> dict[str, Any]:
        behind = {name: self.head - position for name, position in self.readers.items()}
        return asdict(self) | {"behind": behind}


def pipeline(store: Store) -> Pipeline:
    head = store.log.max_notification_id() or 0
    return Pipeline(
        head=head,
        readers=_readers(store),
        sheets=_sheets(store, head),
        silent=_silent(store),
        parked=len(waiting(store)),
        unread=len(unsettled(store)),
    )


def _readers(store: Store) -> dict[str, int]:
    """Where each is in the log. Places at the broker are another count, and left out."""
    bookmarks = store.log.bookmarks()
    gone = superseded(bookmarks)
    found = {
        name: position
        for name, position in sorted(bookmarks.items())
        if "@" not in name and not name.startswith(receipt_name("")) and name not in gone
    }
    transport = store.settings.transport
    if isinstance(transport, KafkaTransport):
        found["relay"] = 0
        if there_is_a_ledger(store.settings):
            with opened_ledger(store.settings, transport.prefix) as ledger:
                found["relay"] = ledger.position()
    return found


def _sheets(store: Store, head: int) -> list[SheetHealth]:
    found = []
    if there_is_a_sheet(store.settings):
        with opened_sheet(store.settings) as sheet:
            at = sheet.position
        found.append(SheetHealth(_DEADLINES, at, max(0, head - at), 0, superseded=False))
    if there_are_projections(store.settings):
        for name in SheetName:
            with projection(name, store, now) as (_, kept):
                found.append(health_of(kept, head))
    return found


def _silent(store: Store) -> list[str]:
    last: dict[str, Event] = {}
    for found in pages(store, [StageSilent.TOPIC, StageHeard.TOPIC, StageRetired.TOPIC]):
        event = store.mapper.to_domain_event(found).event
        if isinstance(event, StageSilent | StageHeard | StageRetired):
            last[event.stage] = event
    return sorted(stage for stage, event in last.items() if isinstance(event, StageSilent))
