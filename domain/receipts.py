"""What the police were told: which notifications count, and what each gave (s.10)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.events import RecordedEvent
from domain.facts.notification import NotificationReceived
from domain.findings import DutyKind
from domain.history import History, happened
from domain.places import Jurisdiction, locate


@dataclass(frozen=True, slots=True)
class Receipt:
    """A notification as received, and the refusal code if it does not count."""

    recorded: RecordedEvent[NotificationReceived]
    fact: NotificationReceived
    refused_as: str | None


def receipts(history: History) -> Iterator[Receipt]:
    """Every notification by time, judged by where the person lived when it was given."""
    for recorded in history.notifications:
        yield Receipt(recorded, recorded.event, _why_not(recorded, history))


def valid(history: History) -> list[RecordedEvent[NotificationReceived]]:
    """The notifications that count, by time."""
    return [item for item in history.notifications if _why_not(item, history) is None]


def _why_not(recorded: RecordedEvent[NotificationReceived], history: History) -> str | None:
    fact = recorded.event
    if fact.by != "defendant":
        return "NOTIFICATION_NOT_BY_DEFENDANT"
    if fact.method != "in_person_oral":
        return "NOTIFICATION_METHOD_INVALID"
    if fact.station_area is None:
        return None
    if fact.station_area not in history.regime.stations:
        return "NOTIFICATION_WRONG_STATION_AREA"
    if not _right_station(fact, happened(recorded), history):
        return "NOTIFICATION_WRONG_STATION_AREA"
    return None


def _right_station(fact: NotificationReceived, at: datetime, history: History) -> bool:
    """s.10(1)-(3): the home address's area; the old one only before the move; else the court's."""
    moved_to = _area_moved_to(history, at)
    if fact.station_area == "old_home_area":
        return moved_to in (None, "EW")
    if fact.station_area == "prescribed_station_ni":
        return True
    lives_here = _lives_in_england_or_wales(fact, moved_to)
    return lives_here is (fact.station_area == "home_address_area")


def _area_moved_to(history: History, at: datetime) -> str | None:
    moves = [item.event.to_area for item in history.moves if happened(item) <= at]
    return moves[-1] if moves else None


def _lives_in_england_or_wales(fact: NotificationReceived, moved_to: str | None) -> bool:
    if fact.home_address is not None:
        place = locate(fact.home_address.place)
        if place.confirmed:
            return place.jurisdiction is Jurisdiction.ENGLAND_AND_WALES
    return moved_to not in ("scotland", "northern_ireland", "outside_uk")


def gives(fact: NotificationReceived, duty: DutyKind, words: str) -> bool:
    """Whether the notification holds what the duty asks for; what was not written down counts."""
    if duty is DutyKind.NAME:
        return fact.names is None or words in {plain(name) for name in fact.names}
    if duty is DutyKind.ADDRESS:
        return fact.home_address is None or plain(fact.home_address.place) == words
    stated = fact.model_fields_set
    return not ("names" in stated and not fact.names) and not (
        "home_address" in stated and not fact.home_address
    )


def names_given(
    notified: Iterable[RecordedEvent[NotificationReceived]], *, before: datetime
) -> set[str]:
    """Every name in the valid notifications before that moment (s.9(3)(b))."""
    return {
        plain(name)
        for item in notified
        if happened(item) < before
        for name in item.event.names or ()
    }


def plain(words: str) -> str:
    return " ".join(words.casefold().split())
