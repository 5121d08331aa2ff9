"""Finds a person by name, in memory alone: names stand in no sheet, so nothing has to be erased there.

Only people orders are against are found. A protected person never is.
"""

import re
import threading
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from eventsourcing.persistence import Notification

from domain.batches import POISON
from domain.erasure import KeyDestroyed
from domain.events import RecordedEvent
from domain.facts.court import ApplicationMade
from domain.facts.notification import NameUsed, NotificationReceived
from domain.orders import OrderOpened
from domain.personal import ErasedText
from projections.sheet import Reading
from projections.word_list import WordList

AT_ONCE = 200
"""Events read in one go: whoever reads beside it waits for no more than these."""
_MOST = 50_000
"""People of a word past which it narrows what others found, and finds nobody by itself."""
_TELLS = (OrderOpened, ApplicationMade, NameUsed, NotificationReceived, KeyDestroyed)
TOPICS = tuple(kind.TOPIC for kind in _TELLS)
"""What is read of the log."""

Told = Callable[[int, int], Sequence[Notification]]
"""The first `AT_ONCE` events of `TOPICS` past a position and up to another, oldest first."""


@dataclass(frozen=True, slots=True)
class Known:
    """An order that was found; by what, it does not say."""

    order_id: UUID
    reference: str
    force: str
    subject_id: UUID | None


class NameIndex:
    """`work` is called by one thread, the others by any."""

    def __init__(self, told: Told, read: Reading) -> None:
        self._told = told
        self._read = read
        self._lock = threading.Lock()
        self._known: list[Known] = []
        self._number: dict[UUID, int] = {}
        self._names: list[tuple[str, ...]] = []
        """The words of each person, by their number."""
        self._people: dict[str, array[int]] = {}
        """The people of each word, by number."""
        self._words, self._references = WordList(), WordList()
        self._referred: dict[str, int] = {}
        self.position = 0

    def __len__(self) -> int:
        return len(self._known)

    def work(self, upto: int) -> int:
        """Read some of what is new up to that position of the log; how many events."""
        if self.position >= upto:
            return 0
        events = self._told(self.position, upto)
        learnt = list(self._readable(events))
        with self._lock:
            for recorded in learnt:
                self._learn(recorded)
        self.position = upto if len(events) < AT_ONCE else events[-1].id
        return len(events)

    def find(self, words: str, *, force: str | None = None, limit: int = 20) -> list[Known]:
        """Those of whom every word is known, whole, by its beginning or nearly so; the best first."""
        asked = sorted(words_of([words]))
        if not asked:
            return []
        with self._lock:
            like = {each: self._like(each) for each in asked}
            people = self._people_of(like)
            found = [(sum(_weight(like[w], self._names[n]) for w in asked), n) for n in people]
        told = [(weight, self._known[number]) for weight, number in found]
        told = [each for each in told if force in (None, each[1].force)]
        told.sort(key=lambda each: (-each[0], each[1].reference))
        return [each for _, each in told[:limit]]

    def referred_to(
        self, reference: str, *, force: str | None = None, limit: int = 20
    ) -> list[Known]:
        """The orders whose reference begins so, whatever its case; the one itself first."""
        begun = reference.strip().casefold()
        if not begun:
            return []
        with self._lock:
            found = (self._known[self._referred[w]] for w in self._references.beginning(begun))
            return list(islice((each for each in found if force in (None, each.force)), limit))

    def _people_of(self, like: dict[str, dict[str, int]]) -> set[int]:
        """Those of whom every word is known. One that many share only narrows what the others found."""
        sizes = {each: sum(len(self._people[w]) for w in near) for each, near in like.items()}
        asked = sorted(like, key=lambda each: sizes[each])
        found = {n for w in like[asked[0]] for n in self._people[w]}
        for each in asked[1:]:
            if sizes[each] <= _MOST:
                found &= {n for w in like[each] for n in self._people[w]}
            else:
                found = {n for n in found if _weight(like[each], self._names[n])}
        return found

    def _like(self, word: str) -> dict[str, int]:
        """The words that answer to this one, by how well: 3 is the word itself, 1 is like it."""
        found = {each: 3 if each == word else 2 for each in self._words.beginning(word)}
        return found or dict.fromkeys(self._words.near(word), 1)

    def _readable(self, events: Iterable[Notification]) -> Iterator[RecordedEvent]:
        for event in events:
            try:
                yield self._read(event)
            except POISON:
                continue  # the sheets put it before a person; a search must go on

    def _learn(self, recorded: RecordedEvent) -> None:
        event, order = recorded.event, recorded.originator_id
        if isinstance(event, KeyDestroyed):
            self._forget(event.key_id)
        elif isinstance(event, OrderOpened):
            if order not in self._number:
                subject = recorded.envelope.subject_id
                self._open(Known(order, event.reference, event.force, subject))
        # What is said of a person is said on each of their orders; the person's own stream repeats it.
        elif (number := self._number.get(order)) is not None:
            for word in words_of(_names(event)) - set(self._names[number]):
                self._name(number, word)

    def _open(self, known: Known) -> None:
        number = len(self._known)
        self._known.append(known)
        self._names.append(())
        self._number[known.order_id] = number
        reference = known.reference.casefold()
        if reference not in self._referred:
            self._references.add(reference)
        self._referred[reference] = number

    def _name(self, number: int, word: str) -> None:
        people = self._people.get(word)
        if people is None:
            people = self._people[word] = array("I")
            self._words.add(word)
        people.append(number)
        self._names[number] += (word,)

    def _forget(self, key: UUID) -> None:
        for number, each in enumerate(self._known):
            if each.subject_id == key:
                for word in self._names[number]:
                    self._people[word].remove(number)
                    if not self._people[word]:
                        del self._people[word]
                        self._words.remove(word)
                self._names[number] = ()


def _weight(near: dict[str, int], words: Iterable[str]) -> int:
    return max((near[word] for word in words if word in near), default=0)


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
