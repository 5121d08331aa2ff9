"""Finds a person by name, in memory alone: names stand in no sheet, so nothing has to be erased there.

Only people orders are against are found. A protected person never is.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from uuid import UUID

from domain.batches import POISON
from domain.erasure import KeyDestroyed
from domain.events import RecordedEvent
from domain.facts.court import ApplicationMade
from domain.facts.notification import NameUsed, NotificationReceived
from domain.orders import OrderOpened
from domain.personal import ErasedText
from projections.runner import LogReader
from projections.sheet import Reading

_AT_ONCE = 2000
_LIKE = 0.8
"""How like a word must be to one of a name, from 0 to 1, when none begins with it."""
_TELLS = (OrderOpened, ApplicationMade, NameUsed, NotificationReceived, KeyDestroyed)
_TOPICS = frozenset(kind.TOPIC for kind in _TELLS)


@dataclass(slots=True)
class Known:
    """What is known of the person of one order by words."""

    order_id: UUID
    reference: str
    force: str
    subject_id: UUID | None
    words: set[str] = field(default_factory=set)


class NameIndex:
    """`work` is called by one thread, `find` by any."""

    def __init__(self, reader: LogReader, read: Reading) -> None:
        self._reader = reader
        self._read = read
        self._lock = threading.Lock()
        self._known: dict[UUID, Known] = {}
        self._position = 0

    def work(self, wait: float) -> int:
        """Read what is new, waiting for it at most `wait` seconds; how many events."""
        events = self._reader.read(self._position, limit=_AT_ONCE, wait=wait)
        for event in (each for each in events if each.topic in _TOPICS):
            try:
                recorded = self._read(event)
            except POISON:
                continue  # the sheets put it before a person; a search must go on
            with self._lock:
                self._learn(recorded)
        if events:
            self._position = events[-1].id
        return len(events)

    def find(self, words: str, *, force: str | None = None, limit: int = 20) -> list[Known]:
        """Those of whom every word is known, whole, by its beginning or nearly so; the best first."""
        asked = sorted(words_of([words]))
        with self._lock:
            known = [each for each in self._known.values() if force in (None, each.force)]
            near = {each: self._near(each, known) for each in asked}
            found = [(sum(_weight(near[w], each) for w in asked), each) for each in known]
        found = [each for each in found if asked and all(_weight(near[w], each[1]) for w in asked)]
        found.sort(key=lambda each: (-each[0], each[1].reference))
        return [each for _, each in found[:limit]]

    def _near(self, word: str, known: Iterable[Known]) -> dict[str, int]:
        """The words that answer to this one, by how well: 3 is the word itself, 1 is like it."""
        every = {each for one in known for each in one.words}
        found = {each: 3 if each == word else 2 for each in every if each.startswith(word)}
        return found or dict.fromkeys(get_close_matches(word, every, 10, _LIKE), 1)

    def _learn(self, recorded: RecordedEvent) -> None:
        event = recorded.event
        if isinstance(event, KeyDestroyed):
            for each in self._known.values():
                if each.subject_id == event.key_id:
                    each.words.clear()
            return
        if isinstance(event, OrderOpened):
            told = (event.reference, event.force, recorded.envelope.subject_id)
            self._known[recorded.originator_id] = Known(recorded.originator_id, *told)
        # What is said of a person is said on each of their orders; the person's own stream repeats it.
        elif (known := self._known.get(recorded.originator_id)) is not None:
            known.words |= words_of(_names(event))


def _weight(near: dict[str, int], known: Known) -> int:
    return max((near[word] for word in known.words if word in near), default=0)


def _names(event: object) -> list[str]:
    match event:
        case ApplicationMade(defendant=defendant) if defendant is not None:
            return [defendant.name, *defendant.aliases, defendant.pnc_id or ""]
        case NameUsed():
            return [event.name]
        case NotificationReceived():
            return list(event.names or ())
        case _:
            return []


def words_of(names: Iterable[str]) -> set[str]:
    """Each word without case and accents, as it may be typed; nothing of what was erased."""
    told = " ".join(name for name in names if not isinstance(name, ErasedText))
    letters = unicodedata.normalize("NFKD", told.casefold())
    plain = "".join(each for each in letters if not unicodedata.combining(each))
    return set(re.findall(r"[\w/]+", plain))
