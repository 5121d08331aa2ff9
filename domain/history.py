"""The life of an order and its subject, arranged by when things happened, from the facts known.

A `History` is built anew from the facts every time something is judged. It concludes nothing: it
only puts the facts in their order of occurrence and keeps the spells and versions they make.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from domain.calendar import legal_day, start_of
from domain.court_orders import (
    UNPROVEN_METHODS,
    CourtOrder,
    EndCause,
    OrderKind,
    Service,
    TermsChange,
    first_terms,
)
from domain.events import Event, RecordedEvent
from domain.facts import Fact, breaches, court, notification, person, service
from domain.facts.words import address_text
from domain.regimes import Regime
from domain.spells import Spell, end_open_spell


@dataclass(slots=True)
class History:
    """What is known, by time of occurrence. Built by `history_of`."""

    regime: Regime
    application: court.ApplicationMade | None = None
    applied_at: datetime | None = None
    determined_at: datetime | None = None
    determination: str = ""
    orders: list[CourtOrder] = field(default_factory=list)
    dapos: list[CourtOrder] = field(default_factory=list)
    hearing_on: date | None = None
    renewal_hearing: date | None = None
    renewal_applied_at: datetime | None = None
    appeals: list[str] = field(default_factory=list)
    appeals_pending: int = 0
    existing: list[court.ExistingOrder] = field(default_factory=list)
    routes: dict[str, date] = field(default_factory=dict)
    custody: list[Spell] = field(default_factory=list)
    hospital: list[Spell] = field(default_factory=list)
    abroad: list[Spell] = field(default_factory=list)
    soa: list[Spell] = field(default_factory=list)
    soa_final_days: list[tuple[Spell, date]] = field(default_factory=list)
    died_at: datetime | None = None
    child: bool = False
    moves: list[RecordedEvent] = field(default_factory=list)
    homes_given_up: list[RecordedEvent] = field(default_factory=list)
    names_used: list[RecordedEvent] = field(default_factory=list)
    notifications: list[RecordedEvent] = field(default_factory=list)
    found_false: list[RecordedEvent] = field(default_factory=list)
    visits: list[RecordedEvent] = field(default_factory=list)
    biometrics_requests: list[RecordedEvent] = field(default_factory=list)
    biometrics_refusals: list[RecordedEvent] = field(default_factory=list)
    reports: list[RecordedEvent] = field(default_factory=list)
    appointments: list[RecordedEvent] = field(default_factory=list)
    retracted: set[str] = field(default_factory=set)
    charges: list[str] = field(default_factory=list)
    milestones: list[tuple[datetime, str]] = field(default_factory=list)
    offence_on: date | None = None
    convicted_on: date | None = None

    def application_pending_at(self, instant: datetime) -> bool:
        return (
            self.applied_at is not None
            and self.applied_at <= instant
            and (self.determined_at is None or instant < self.determined_at)
        )

    def order_at(self, instant: datetime, *kinds: OrderKind) -> CourtOrder | None:
        """The latest made of the orders in force at `instant`, of the `kinds` asked for."""
        for order in reversed(self.orders):
            if order.in_force_at(instant) and (not kinds or order.kind in kinds):
                return order
        return None

    def latest(self, kind: OrderKind, instant: datetime) -> CourtOrder | None:
        made = (o for o in reversed(self.orders) if o.kind is kind and o.start <= instant)
        return next(made, None)

    def subject_until(self, instant: datetime) -> datetime | None:
        """When the person stops being subject to any order, without a break from `instant`."""
        end: datetime | None = instant
        while end is not None:
            order = self.order_at(end)
            if order is None:
                return end
            end = order.end
        return None


def happened(recorded: RecordedEvent) -> datetime:
    return recorded.envelope.occurred_at


def known(recorded: RecordedEvent) -> datetime:
    return recorded.envelope.recorded_at


def history_of(facts: Iterable[RecordedEvent], regime: Regime) -> History:
    """The history the `facts` make, whatever order they are given in."""
    history = History(regime)
    for recorded in sorted(facts, key=_by_occurrence):
        place = _PLACES.get(type(recorded.event))
        if place is not None:
            place(history, recorded, recorded.event)
    return history


def _by_occurrence(recorded: RecordedEvent) -> tuple[datetime, int, int]:
    return (
        recorded.envelope.occurred_at,
        rank_of(recorded.event),
        recorded.originator_version,
    )


def rank_of(fact: Event) -> int:
    """Which of two facts of one instant is read first: an order is made before it is served."""
    return _RANK[type(fact)]


def _application(history: History, recorded: RecordedEvent, fact: court.ApplicationMade) -> None:
    if history.application is None:
        history.application, history.applied_at = fact, happened(recorded)
        history.milestones.append((happened(recorded), "applied"))
    if fact.defendant_age is not None and fact.defendant_age < ADULT:
        history.child = True


def _determined(outcome: str) -> Callable[[History, RecordedEvent, Fact], None]:
    def place(history: History, recorded: RecordedEvent, fact: Fact) -> None:
        at = happened(recorded)
        history.determined_at, history.determination = at, outcome
        history.milestones.append((at, outcome))
        interim = history.order_at(at, OrderKind.INTERIM)
        if interim is not None:
            grace = timedelta(0)
            if outcome == "refused":
                grace = timedelta(days=history.regime.interim_outlives_refusal_days)
            interim.terminate(start_of(legal_day(at) + grace) if grace else at, EndCause.DETERMINED)

    return place


def _hearing(history: History, recorded: RecordedEvent, fact: court.HearingListed) -> None:
    history.hearing_on = fact.on


def _interim(history: History, recorded: RecordedEvent, fact: court.InterimOrderGranted) -> None:
    at = happened(recorded)
    made_on = fact.made_on or legal_day(at)
    order = CourtOrder(
        OrderKind.INTERIM, made_on, _start(at, made_on), fact.last_day, fact.defendant_present
    )
    order.terms.append(first_terms(order.start, fact.conditions))
    history.orders.append(order)
    history.milestones.append((at, "interim_granted"))


def _interim_renewed(history: History, recorded: RecordedEvent, fact: court.InterimRenewed) -> None:
    order = history.order_at(happened(recorded), OrderKind.INTERIM)
    if order is not None:
        order.last_day = fact.last_day


def _interim_varied(history: History, recorded: RecordedEvent, fact: court.InterimVaried) -> None:
    order = history.order_at(happened(recorded), OrderKind.INTERIM)
    if order is not None:
        order.vary(
            happened(recorded),
            TermsChange(fact.adds, fact.removes, fact.applicant == "defendant"),
        )
        order.last_day = fact.last_day or order.last_day


def _ends(kind: OrderKind, cause: EndCause) -> Callable[[History, RecordedEvent, Fact], None]:
    def place(history: History, recorded: RecordedEvent, fact: Fact) -> None:
        order = history.latest(kind, happened(recorded))
        if order is not None:
            order.terminate(happened(recorded), cause)

    return place


def _full(history: History, recorded: RecordedEvent, fact: court.FullOrderGranted) -> None:
    at = happened(recorded)
    made_on = fact.made_on or legal_day(at)
    interim = _interim_just_before(history, at)
    order = CourtOrder(
        OrderKind.FULL,
        made_on,
        _start(at, made_on),
        fact.last_day,
        fact.defendant_present,
        replaces_interim=(interim is not None)
        if fact.replaces_interim is None
        else fact.replaces_interim,
        origin=fact.origin,
        resident_ni=fact.resident_ni,
        replaced=interim,
    )
    order.terms.append(first_terms(order.start, fact.conditions))
    _make_full(history, order, at)


def _interim_just_before(history: History, at: datetime) -> CourtOrder | None:
    """The interim in force up to `at`, were it only to the last instant before it."""
    interim = history.latest(OrderKind.INTERIM, at)
    if interim is None or (interim.ended_by(at) and interim.end != at):
        return None
    return interim


def _make_full(history: History, order: CourtOrder, at: datetime) -> None:
    if order.replaced is not None:
        order.replaced.terminate(at, EndCause.REPLACED)
    history.orders.append(order)
    if history.determined_at is None or order.made_on_appeal:
        history.determined_at, history.determination = at, "granted"
    history.milestones.append((at, "full_granted"))


def _start(at: datetime, made_on: date) -> datetime:
    return at if legal_day(at) == made_on else start_of(made_on)


def _varied(history: History, recorded: RecordedEvent, fact: court.OrderVaried) -> None:
    at = happened(recorded)
    order = history.order_at(at, OrderKind.FULL)
    if order is not None:
        present = fact.applicant == "defendant" or "defendant" in (fact.heard or ())
        order.vary(at, TermsChange(fact.adds, fact.removes, present))
        order.varied = True
        history.milestones.append((at, "varied"))


def _renewed(history: History, recorded: RecordedEvent, fact: court.OrderRenewed) -> None:
    at = happened(recorded)
    order = history.order_at(at, OrderKind.FULL)
    if order is not None:
        order.last_day = fact.last_day
        if fact.adds or fact.removes:
            present = fact.applicant == "defendant" or "defendant" in (fact.heard or ())
            order.vary(at, TermsChange(fact.adds, fact.removes, present))
        history.renewal_applied_at = None


def _renewal_applied(history: History, recorded: RecordedEvent, fact: court.RenewalApplied) -> None:
    history.renewal_applied_at, history.renewal_hearing = happened(recorded), fact.hearing


def _in_force(history: History, recorded: RecordedEvent, fact: court.OrderInForce) -> None:
    order = history.latest(OrderKind.FULL, happened(recorded)) or history.latest(
        OrderKind.INTERIM, happened(recorded)
    )
    if order is not None:
        order.in_force_on = fact.from_


def _appeal(history: History, recorded: RecordedEvent, fact: court.AppealLodged) -> None:
    history.appeals.append(fact.against)
    history.appeals_pending += 1


def _appeal_dismissed(history: History, recorded: RecordedEvent, fact: Fact) -> None:
    history.appeals_pending = max(0, history.appeals_pending - 1)


def _appeal_allowed(history: History, recorded: RecordedEvent, fact: court.AppealAllowed) -> None:
    at = happened(recorded)
    history.appeals_pending = max(0, history.appeals_pending - 1)
    if fact.effect == "order_quashed":
        of_interim = bool(history.appeals) and history.appeals[-1] == "making_interim"
        order = history.latest(OrderKind.INTERIM if of_interim else OrderKind.FULL, at)
        if order is not None:
            order.terminate(at, EndCause.QUASHED)
        return
    made_on = fact.made_on or legal_day(at)
    order = CourtOrder(
        OrderKind.FULL,
        made_on,
        _start(at, made_on),
        fact.last_day,
        fact.defendant_present,
        made_on_appeal=True,
    )
    order.terms.append(first_terms(order.start, fact.conditions))
    _make_full(history, order, at)


def _existing(history: History, recorded: RecordedEvent, fact: court.ExistingOrder) -> None:
    history.existing.append(fact)


def _switch(history: History, recorded: RecordedEvent, fact: court.RegimeSwitch) -> None:
    history.routes[fact.feature] = fact.from_


def _dapo(history: History, recorded: RecordedEvent, fact: court.DAPOMade) -> None:
    at = happened(recorded)
    made_on = fact.made_on or legal_day(at)
    order = CourtOrder(
        OrderKind.DAPO,
        made_on,
        _start(at, made_on),
        fact.last_day,
        None,
        without_notice=fact.without_notice,
    )
    order.terms.append(first_terms(order.start, fact.conditions))
    history.dapos.append(order)


def _served(history: History, recorded: RecordedEvent, fact: service.OrderServed) -> None:
    at = happened(recorded)
    if fact.defendant_age is not None and fact.defendant_age < ADULT:
        history.child = True
    if fact.order_kind == "dapo":
        order = history.dapos[-1] if history.dapos else None
    else:
        order = history.latest(OrderKind(fact.order_kind), at)
    if order is None:
        return
    order.services.append(
        Service(at, known(recorded), fact.method, proven=fact.method not in UNPROVEN_METHODS)
    )
    if fact.replaces_interim is not None and order.kind is OrderKind.FULL:
        order.replaces_interim = fact.replaces_interim


def _service_corrected(
    history: History, recorded: RecordedEvent, fact: service.ServiceCorrected
) -> None:
    served = [
        (order, item)
        for order in (*history.orders, *history.dapos)
        for item in order.services
        if item.known_at <= known(recorded)
    ]
    if not served:
        return
    _, latest = max(served, key=lambda pair: pair[1].served_at)
    latest.served_at, latest.known_at = fact.served_at, known(recorded)
    latest.corrected = True
    latest.proven = latest.proven or fact.evidence is not None


def _varied_terms_served(history: History, recorded: RecordedEvent, fact: Fact) -> None:
    order = history.order_at(happened(recorded))
    if order is not None:
        order.terms[-1].served_at = order.terms[-1].served_at or happened(recorded)


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


ADULT = 18


def incident_of(report: RecordedEvent) -> str:
    """The incident a report belongs to; a report that names none is an incident by itself."""
    stated: str | None = getattr(report.event, "incident", None)
    return stated or f"report-{report.originator_version}"


def home_on_record(history: History) -> str | None:
    """The last address the person gave, or moved to, by time."""
    given = [
        (happened(item), address_text(item.event.home_address))
        for item in history.notifications
        if isinstance(item.event, notification.NotificationReceived) and item.event.home_address
    ]
    given += [
        (happened(item), address_text(item.event.to))
        for item in history.moves
        if isinstance(item.event, notification.HomeAddressChanged)
    ]
    return max(given)[1] if given else None


_PLACES: dict[type, Callable[[History, RecordedEvent, Any], None]] = {
    court.RegimeSwitch: _switch,
    court.ExistingOrder: _existing,
    court.ApplicationMade: _application,
    court.ApplicationWithdrawn: _determined("withdrawn"),
    court.ApplicationRefused: _determined("refused"),
    court.HearingListed: _hearing,
    court.InterimOrderGranted: _interim,
    court.InterimRenewed: _interim_renewed,
    court.InterimVaried: _interim_varied,
    court.InterimDischarged: _ends(OrderKind.INTERIM, EndCause.DISCHARGED),
    court.InterimExpired: _ends(OrderKind.INTERIM, EndCause.EXPIRED),
    court.FullOrderGranted: _full,
    court.OrderVaried: _varied,
    court.OrderRenewed: _renewed,
    court.RenewalApplied: _renewal_applied,
    court.OrderDischarged: _ends(OrderKind.FULL, EndCause.DISCHARGED),
    court.OrderExpired: _ends(OrderKind.FULL, EndCause.EXPIRED),
    court.OrderInForce: _in_force,
    court.AppealLodged: _appeal,
    court.AppealDismissed: _appeal_dismissed,
    court.AppealAllowed: _appeal_allowed,
    court.DAPOMade: _dapo,
    service.OrderServed: _served,
    service.ServiceCorrected: _service_corrected,
    service.VariedTermsServed: _varied_terms_served,
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
"""How each fact is placed, in the order that facts of one instant are read."""

_RANK: dict[type, int] = {kind: rank for rank, kind in enumerate(_PLACES)}
for _unplaced in (
    court.InterimApplied,
    court.InterimDischargeRefused,
    service.OrderPosted,
    breaches.CourtOutcome,
):
    _RANK[_unplaced] = len(_RANK)
