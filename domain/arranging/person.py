"""Places what happened to the person, what they notified, and what was reported of them."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from domain.calendar import legal_day, start_of
from domain.court_orders import EndCause
from domain.events import RecordedEvent
from domain.facts import Fact, breaches, notification, person
from domain.history import History, happened, incident_of
from domain.spells import Spell, end_open_spell


def _opens(spells: str) -> Callable[[History, RecordedEvent, Fact], None]:
    def place(history: History, recorded: RecordedEvent, fact: Fact) -> None:
        note = getattr(fact, "kind", None) or ""
        getattr(history, spells).append(Spell(happened(recorded), note=note))

    return place


def _closes(spells: str) -> Callable[[History, RecordedEvent, Fact], None]:
    def place(history: History, recorded: RecordedEvent, fact: Fact) -> None:
        end_open_spell(getattr(history, spells), happened(recorded))

    return place


def _soa_ceased(
    history: History, recorded: RecordedEvent, fact: person.SOA2003NotificationCeased
) -> None:
    if history.soa and history.soa[-1].end is None:
        history.soa[-1].end = start_of(fact.final_day)
        history.soa_final_days.append((history.soa[-1], fact.final_day))


def _died(history: History, recorded: RecordedEvent, fact: Fact) -> None:
    at = happened(recorded)
    history.died_at = at
    for order in (*history.orders, *history.dapos):
        order.terminate(at, EndCause.DIED)


def _notified(
    history: History, recorded: RecordedEvent, fact: notification.NotificationReceived
) -> None:
    history.notifications.append(recorded)
    if fact.method == "in_person_oral" and fact.by == "defendant":
        end_open_spell(history.abroad, happened(recorded))


def _keep(collection: str) -> Callable[[History, RecordedEvent, Fact], None]:
    def place(history: History, recorded: RecordedEvent, fact: Fact) -> None:
        getattr(history, collection).append(recorded)

    return place


def _retracted(history: History, recorded: RecordedEvent, fact: breaches.BreachRetracted) -> None:
    if fact.incident is not None:
        history.retracted.add(fact.incident)
    elif history.reports:
        history.retracted.add(incident_of(history.reports[-1]))


def _charged(history: History, recorded: RecordedEvent, fact: breaches.Charged) -> None:
    history.charges.append(fact.offence)


def _offence(history: History, recorded: RecordedEvent, fact: Fact) -> None:
    history.offence_on = legal_day(happened(recorded))


def _convicted(history: History, recorded: RecordedEvent, fact: Fact) -> None:
    history.convicted_on = legal_day(happened(recorded))


Place = Callable[[History, RecordedEvent, Any], None]

PLACES: MappingProxyType[type[Fact], Place] = MappingProxyType(
    {
        person.SOA2003NotificationStarted: _opens("soa"),
        person.SOA2003NotificationCeased: _soa_ceased,
        person.CustodyStarted: _opens("custody"),
        person.CustodyEnded: _closes("custody"),
        person.HospitalDetentionStarted: _opens("hospital"),
        person.HospitalDetentionEnded: _closes("hospital"),
        person.LeftUnitedKingdom: _opens("abroad"),
        person.ReturnedToUnitedKingdom: _closes("abroad"),
        person.DefendantDied: _died,
        notification.HomeAddressChanged: _keep("moves"),
        notification.HomeAddressCeased: _keep("homes_given_up"),
        notification.NameUsed: _keep("names_used"),
        notification.NotificationReceived: _notified,
        notification.NotificationFoundFalse: _keep("found_false"),
        notification.AddressVisit: _keep("visits"),
        notification.BiometricsRequested: _keep("biometrics_requests"),
        notification.BiometricsRefused: _keep("biometrics_refusals"),
        breaches.BreachReported: _keep("reports"),
        breaches.AppointmentMissed: _keep("appointments"),
        breaches.BreachRetracted: _retracted,
        breaches.Charged: _charged,
        breaches.OffenceCommitted: _offence,
        breaches.ConvictedInMagistratesCourt: _convicted,
    }
)
"""How each fact is placed, in the order that facts of one instant are read."""
