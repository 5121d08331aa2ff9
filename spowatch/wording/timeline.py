"""The timeline of an order: every fact, finding and withdrawal on record, in words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from domain.conditions import Condition
from domain.events import Event, RecordedEvent
from domain.facts.words import Address, Defendant, ProtectedPerson
from domain.findings import (
    BreachRecorded,
    ConcernRaised,
    FindingWithdrawn,
    NotificationMissed,
    OffenceSuspected,
)
from domain.orders import FactRefused, OrderOpened
from domain.refusals import REFUSALS
from spowatch.wording.desk_words import DESK_WORDS
from spowatch.wording.plain_words import doubt, moment, plain, said, said_day, title


def timeline(recorded: Iterable[RecordedEvent]) -> list[dict[str, Any]]:
    """One entry an event, in the order the log holds them."""
    events = list(recorded)
    by_version = {each.originator_version: each.event for each in events}
    return [
        {
            "version": each.originator_version,
            "occurred_at": moment(each.envelope.occurred_at),
            "recorded_at": moment(each.envelope.recorded_at),
            "topic": each.topic,
            "actor": each.envelope.actor,
            "what": in_words(each.event, by_version),
        }
        for each in events
    ]


def in_words(event: Event, by_version: Mapping[int, Event] = MappingProxyType({})) -> str:
    """What the event says; one this page does not know is said by its name and its fields."""
    if isinstance(event, FindingWithdrawn):
        return _withdrawal(event, by_version)
    say = _WORDS.get(type(event))
    return _plainly(event) if say is None else say(event)


def _withdrawal(withdrawn: FindingWithdrawn, by_version: Mapping[int, Event]) -> str:
    finding = by_version.get(withdrawn.finding_version)
    about = f"version {withdrawn.finding_version}" if finding is None else in_words(finding)
    return f"Withdrawn ({plain(withdrawn.reason)}): {about}"


def _opened(event: OrderOpened) -> str:
    assumed = ", its earlier history assumed" if event.history_assumed else ""
    return f"Record opened by {event.force or 'no force named'} under {event.regime}{assumed}"


def _refused(event: FactRefused) -> str:
    refusal = REFUSALS.get(event.code)
    why = event.code if refusal is None else f"{refusal.code}, {refusal.section}"
    return f"REFUSED ({why}): {in_words(event.fact)}"


def _breach(event: BreachRecorded) -> str:
    doubts = f"; doubts: {', '.join(doubt(code) for code in event.doubts)}" if event.doubts else ""
    terms = f"{event.order_kind} order, version {event.terms_version} of its terms"
    return f"FOUND: breach of {event.condition} ({plain(event.judgement)}), {terms}{doubts}"


def _missed(event: NotificationMissed) -> str:
    days = f"{said_day(event.first_day)} to {said_day(event.last_day)}"
    return f"FOUND: {plain(event.duty)} notification missed ({plain(event.judgement)}), {days}"


def _suspected(event: OffenceSuspected) -> str:
    return f"FOUND: {plain(event.suspicion)}, from {said_day(event.first_day)}"


def _concern(event: ConcernRaised) -> str:
    return f"FOUND: {plain(event.concern)}, due {said(event.due_at)}"


_WORDS: Mapping[type[Event], Callable[[Any], str]] = MappingProxyType(
    {
        OrderOpened: _opened,
        FactRefused: _refused,
        BreachRecorded: _breach,
        NotificationMissed: _missed,
        OffenceSuspected: _suspected,
        ConcernRaised: _concern,
        **DESK_WORDS,
    }
)


_ELSEWHERE = frozenset({"original_victim"})
"""Words about protected people: they stand where they are needed, and not in every timeline."""


def _plainly(event: Event) -> str:
    details = "; ".join(_details(event))
    name = title(type(event).__name__)
    return f"{name}: {details}" if details else name


def _details(event: BaseModel) -> Iterator[str]:
    for name in type(event).model_fields:
        value = getattr(event, name)
        if value not in (None, (), "") and name not in _ELSEWHERE:
            yield f"{plain(name)} {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return said(value)
    if isinstance(value, date):
        return said_day(value)
    if isinstance(value, tuple):
        return ", ".join(_value(each) for each in value)
    return _part(value) if isinstance(value, BaseModel) else str(value)


def _part(part: BaseModel) -> str:
    if isinstance(part, Condition):
        return part.code
    if isinstance(part, Address):
        return part.place
    if isinstance(part, Defendant):
        return part.name
    if isinstance(part, ProtectedPerson):
        return "a person"
    return ", ".join(_details(part))
