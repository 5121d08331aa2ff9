"""What the police were told: which notifications count, and what each gave (s.10)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.events import RecordedEvent
from domain.facts.notification import HomeAddressChanged, NotificationReceived
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
    moves = [item.event for item in history.moves if happened(item) <= at]
    moved = moves[-1] if moves else None
    given = None if fact.home_address is None else fact.home_address.place
    if fact.station_area == "old_home_area":
        return _before_the_move(given, moved)
    if fact.station_area == "prescribed_station_ni":
        return True
    # A coming move is told where the person still lives, so either address may show the station.
    homes = (given, _home_before(history, at) if moved is None else moved.to.place)
    at_home = fact.station_area == "home_address_area"
    return any(_in_england_or_wales(home, moved) is at_home for home in homes)


def _before_the_move(given: str | None, moved: HomeAddressChanged | None) -> bool:
    """Whether the area was still the person's own: no move out of it, or one yet to come."""
    if moved is None or moved.to_area in (None, "EW"):
        return True
    coming = given is not None and plain(given) != plain(moved.to.place)
    return coming and moved.to_area == "EW-other-force"


def _home_before(history: History, at: datetime) -> str | None:
    """The address the person gave last before `at`, in person."""
    given = [
        item.event.home_address.place
        for item in history.notifications
        if item.event.home_address
        and (item.event.by, item.event.method) == ("defendant", "in_person_oral")
        and happened(item) < at
    ]
    return given[-1] if given else None


def _in_england_or_wales(home: str | None, moved: HomeAddressChanged | None) -> bool:
    if home is not None:
        place = locate(home)
        if place.confirmed:
            return place.jurisdiction is Jurisdiction.ENGLAND_AND_WALES
    moved_to = None if moved is None else moved.to_area
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


def told_before(
    moved: RecordedEvent[HomeAddressChanged],
    history: History,
    notified: Iterable[RecordedEvent[NotificationReceived]],
) -> bool:
    """Whether the move was notified in advance (s.9(4)).

    What was said of an address before the person left it is no notice that they come back.
    """
    address, at = plain(moved.event.to.place), happened(moved)
    told = [
        (happened(item), plain(item.event.home_address.place))
        for item in notified
        if item.event.home_address and happened(item) < at
    ]
    left = _last_left(address, told[0][1] if told else None, history, at)
    return any(home == address and (left is None or left <= when) for when, home in told)


def _last_left(
    address: str, home: str | None, history: History, before: datetime
) -> datetime | None:
    """When the person last moved away from `address`, having begun at `home`."""
    left = None
    for moved in history.moves:
        to = plain(moved.event.to.place)
        if happened(moved) < before and home == address != to:
            left = happened(moved)
        home = to
    return left


def plain(words: str) -> str:
    return " ".join(words.casefold().split())
