"""Puts facts in their order of occurrence: what a `History` is built by, anew for each judgement."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from domain.arranging import appeals as on_appeal
from domain.arranging import court as by_court
from domain.arranging import managing as of_managing
from domain.arranging import person as of_person
from domain.court_orders import EndCause, OrderKind
from domain.events import RecordedEvent
from domain.facts import Fact, breaches, court, managing, notification, person, service
from domain.history import History
from domain.regimes import Regime
from domain.vocabulary import Statement

Place = Callable[[History, RecordedEvent[Any]], None]

PLACES: Mapping[type[Fact], Place] = MappingProxyType(
    {
        court.RegimeSwitch: by_court.route_commenced,
        court.ExistingOrder: by_court.existing_order,
        court.ApplicationMade: by_court.application_made,
        court.ApplicationWithdrawn: by_court.determined("withdrawn"),
        court.ApplicationRefused: by_court.determined("refused"),
        court.HearingListed: by_court.hearing_listed,
        court.InterimOrderGranted: by_court.interim_granted,
        court.InterimRenewed: by_court.interim_renewed,
        court.InterimVaried: by_court.interim_varied,
        court.InterimDischarged: by_court.ends(OrderKind.INTERIM, EndCause.DISCHARGED),
        court.InterimExpired: by_court.ends(OrderKind.INTERIM, EndCause.EXPIRED),
        court.FullOrderGranted: by_court.full_granted,
        court.OrderVaried: by_court.varied,
        court.OrderRenewed: by_court.renewed,
        court.RenewalApplied: by_court.renewal_applied,
        court.OrderDischarged: by_court.ends(OrderKind.FULL, EndCause.DISCHARGED),
        court.OrderExpired: by_court.ends(OrderKind.FULL, EndCause.EXPIRED),
        court.OrderInForce: by_court.came_into_force,
        court.AppealLodged: on_appeal.lodged,
        court.AppealDismissed: on_appeal.dismissed,
        court.AppealAllowed: on_appeal.allowed,
        court.DAPOMade: by_court.dapo_made,
        service.OrderServed: by_court.served,
        service.ServiceCorrected: by_court.service_corrected,
        service.VariedTermsServed: by_court.varied_terms_served,
        person.SOA2003NotificationStarted: of_person.soa_started,
        person.SOA2003NotificationCeased: of_person.soa_ceased,
        person.CustodyStarted: of_person.custody_started,
        person.CustodyEnded: of_person.custody_ended,
        person.HospitalDetentionStarted: of_person.hospital_started,
        person.HospitalDetentionEnded: of_person.hospital_ended,
        person.LeftUnitedKingdom: of_person.left,
        person.ReturnedToUnitedKingdom: of_person.returned,
        person.DefendantDied: of_person.died,
        notification.HomeAddressChanged: of_person.moved,
        notification.HomeAddressCeased: of_person.home_given_up,
        notification.NameUsed: of_person.name_used,
        notification.NotificationReceived: of_person.notified,
        notification.NotificationFoundFalse: of_person.found_false,
        notification.AddressVisit: of_person.visited,
        notification.BiometricsRequested: of_person.biometrics_requested,
        notification.BiometricsRefused: of_person.biometrics_refused,
        managing.OfficerAssigned: of_managing.officer_assigned,
        managing.AppointmentListed: of_managing.appointment_listed,
        managing.AppointmentKept: of_managing.appointment_kept,
        managing.ReviewListed: of_managing.review_listed,
        breaches.BreachReported: of_person.reported,
        breaches.AppointmentMissed: of_person.appointment_missed,
        breaches.BreachRetracted: of_person.retracted,
        breaches.Charged: of_person.charged,
        breaches.OffenceCommitted: of_person.offence_committed,
        breaches.ConvictedInMagistratesCourt: of_person.convicted,
    }
)
"""How each fact is placed, in the order that facts of one instant are read."""

_CHANGES_NOTHING: tuple[type[Fact], ...] = (
    court.InterimApplied,
    court.InterimDischargeRefused,
    service.OrderPosted,
    breaches.CourtOutcome,
)
_RANK = {kind: rank for rank, kind in enumerate((*PLACES, *_CHANGES_NOTHING))}


def history_of(facts: Iterable[RecordedEvent[Fact]], regime: Regime) -> History:
    """The history the `facts` make, whatever order they are given in."""
    history = History(regime)
    for recorded in sorted(facts, key=_by_occurrence):
        place = PLACES.get(type(recorded.event))
        if place is not None:
            place(history, recorded)
    return history


def _by_occurrence(recorded: RecordedEvent[Fact]) -> tuple[datetime, int, int]:
    return (
        by_court.takes_effect(recorded),
        rank_of(recorded.event),
        recorded.originator_version,
    )


def as_known(statement: Statement) -> tuple[datetime, datetime, int, str]:
    """The order in which facts became known; never the order of the lines that state them."""
    fact = statement.fact
    return statement.recorded_at, statement.t, rank_of(fact), fact.model_dump_json()


def rank_of(fact: Fact) -> int:
    """Which of two facts of one instant is read first: an order is made before it is served."""
    return _RANK[type(fact)]
