"""Erasure on record: that a person's key was destroyed, when, by whom and why; never of whom."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID, uuid5

from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream
from domain.facts.words import Word


class KeyDestroyed(Event):
    """The key to one person's words was destroyed; the words read as erased from then on."""

    TOPIC = "spo.key-destroyed.v1"
    key_id: UUID
    about: Literal["defendant", "protected"]
    reason: Word


@dataclass(slots=True)
class Erasure(Stream):
    """The erasure of one key. It happens once."""

    destroyed: KeyDestroyed | None = field(default=None)

    def destroy(self, destroyed: KeyDestroyed, envelope: Envelope) -> None:
        if self.destroyed is None:
            self._record(destroyed, envelope)

    def apply(self, recorded: RecordedEvent) -> None:
        destroyed = recorded.event
        self.destroyed = destroyed if isinstance(destroyed, KeyDestroyed) else None


def erasure_stream(key_id: UUID) -> UUID:
    return uuid5(NAMESPACE, f"erasure:{key_id}")
