"""Who orders are against, as the pages say it: names, where they live, where they may be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.facts.court import ApplicationMade
from domain.facts.words import Defendant, ProtectedPerson
from domain.history import History, happened
from domain.orders import StalkingProtectionOrder
from domain.position import Position
from domain.receipts import receipts
from domain.spells import Spell, covering


@dataclass(frozen=True, slots=True)
class NameOnRecord:
    """A name and where it is from; `at` is when it was said."""

    name: str
    source: str
    at: datetime


def defendant_of(orders: Sequence[StalkingProtectionOrder]) -> Defendant | None:
    """As the application against them says; the last one's where there are several."""
    told = [made.defendant for made in _applications(orders) if made.defendant is not None]
    return told[-1] if told else None


def protected_by(order: StalkingProtectionOrder) -> list[ProtectedPerson]:
    return [person for made in _applications([order]) for person in made.protected]


def names_of(orders: Sequence[StalkingProtectionOrder]) -> list[NameOnRecord]:
    """Every name on record, each once, as it was first said."""
    found: dict[str, NameOnRecord] = {}
    for each in sorted(_names(orders), key=lambda name: name.at):
        found.setdefault(each.name, each)
    return list(found.values())


def _names(orders: Sequence[StalkingProtectionOrder]) -> Iterator[NameOnRecord]:
    for order in orders:
        for fact in order.facts:
            if isinstance(fact.event, ApplicationMade) and fact.event.defendant is not None:
                yield NameOnRecord(fact.event.defendant.name, "application", happened(fact))
                for alias in fact.event.defendant.aliases:
                    yield NameOnRecord(alias, "alias", happened(fact))
        history = order.position(order.known_until).history if order.known_until else None
        if history is not None:
            yield from _used(history)


def _used(history: History) -> Iterator[NameOnRecord]:
    for used in history.names_used:
        yield NameOnRecord(used.event.name, "used", happened(used))
    for told in history.notifications:
        for name in told.event.names or ():
            yield NameOnRecord(name, "notified", happened(told))


@dataclass(frozen=True, slots=True)
class Home:
    """An address the person notified, and whether an officer saw them there since."""

    place: str
    notified_at: datetime
    seen_at: datetime | None


def home_of(position: Position) -> Home | None:
    """The last one notified as the Act asks."""
    history = position.history
    given = [
        (happened(each.recorded), each.fact.home_address.place)
        for each in receipts(history)
        if each.refused_as is None and each.fact.home_address is not None
    ]
    if not given:
        return None
    at, place = max(given)
    seen = [happened(v) for v in history.visits if v.event.result == "seen" and happened(v) > at]
    return Home(place, at, max(seen, default=None))


def whereabouts(position: Position) -> list[tuple[str, Spell]]:
    """In custody, in hospital or abroad at that moment, and since when."""
    history, now = position.history, position.now
    spells = {"custody": history.custody, "hospital": history.hospital, "abroad": history.abroad}
    return [
        (name, spell) for name, some in spells.items() if (spell := covering(some, now)) is not None
    ]


def _applications(orders: Sequence[StalkingProtectionOrder]) -> Iterator[ApplicationMade]:
    for order in orders:
        for fact in order.facts:
            if isinstance(fact.event, ApplicationMade):
                yield fact.event
