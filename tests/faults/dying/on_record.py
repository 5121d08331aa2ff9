"""What a store holds, in a form in which two stores can be compared: every event to the letter."""

from dataclasses import dataclass
from pathlib import Path

from eventsourcing.persistence import Notification

from spowatch.open_store import Store

Row = tuple[int, str, int, str]
"""Position, stream, version, and the event as JSON, its personal words opened."""


@dataclass(frozen=True, slots=True)
class OnRecord:
    events: tuple[Row, ...]
    said: tuple[str, ...]
    """The console's lines."""

    def begins(self, whole: "OnRecord") -> bool:
        """Whether this is the beginning of that: events in order, and no line but its own, each once."""
        first = self.events == whole.events[: len(self.events)]
        return first and self.said == whole.said[: len(self.said)]


def on_record(store: Store) -> OnRecord:
    events = tuple(
        (each.id, str(each.originator_id), each.originator_version, _told(store, each))
        for each in store.log.select_notifications(1, _ALL)
    )
    return OnRecord(events, _lines(store.settings.console_path))


def _told(store: Store, notification: Notification) -> str:
    recorded = store.mapper.to_domain_event(notification)
    return f"{recorded.envelope} {recorded.event.model_dump_json()}"


def _lines(path: Path) -> tuple[str, ...]:
    """Whole lines only: one that a death tore is cut off by the next console."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return tuple(text.splitlines(keepends=True)[: text.count("\n")])


_ALL = 1_000_000
