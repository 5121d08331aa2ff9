"""Places what the court did, and service, in the history."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

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
from domain.events import RecordedEvent
from domain.facts import court, service
from domain.history import ADULT, History, happened, known


def application_made(history: History, recorded: RecordedEvent[court.ApplicationMade]) -> None:
    fact = recorded.event
    history.application, history.applied_at = fact, happened(recorded)
    history.milestones.append((happened(recorded), "applied"))
    if fact.defendant_age is not None and fact.defendant_age < ADULT:
        history.child = True


def determined(outcome: str) -> Callable[[History, RecordedEvent], None]:
    def place(history: History, recorded: RecordedEvent) -> None:
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


def hearing_listed(history: History, recorded: RecordedEvent[court.HearingListed]) -> None:
    history.hearing_on = recorded.event.on


def interim_granted(history: History, recorded: RecordedEvent[court.InterimOrderGranted]) -> None:
    fact, at = recorded.event, happened(recorded)
    made_on = fact.made_on or legal_day(at)
    order = CourtOrder(
        OrderKind.INTERIM, made_on, started(at, made_on), fact.last_day, fact.defendant_present
    )
    order.terms.append(first_terms(order.start, fact.conditions))
    make_interim(history, order, at)


def make_interim(history: History, order: CourtOrder, at: datetime) -> None:
    history.orders.append(order)
    history.milestones.append((at, "interim_granted"))


def interim_renewed(history: History, recorded: RecordedEvent[court.InterimRenewed]) -> None:
    fact = recorded.event
    order = history.order_at(happened(recorded), OrderKind.INTERIM)
    if order is not None:
        order.last_day = fact.last_day


def interim_varied(history: History, recorded: RecordedEvent[court.InterimVaried]) -> None:
    fact = recorded.event
    order = history.order_at(happened(recorded), OrderKind.INTERIM)
    if order is not None:
        order.vary(
            happened(recorded),
            TermsChange(fact.adds, fact.removes, fact.applicant == "defendant"),
        )
        order.last_day = fact.last_day or order.last_day


def ends(kind: OrderKind, cause: EndCause) -> Callable[[History, RecordedEvent], None]:
    def place(history: History, recorded: RecordedEvent) -> None:
        order = history.latest(kind)
        if order is None and kind is OrderKind.FULL:
            order = history.made_by_court(happened(recorded))
        if order is not None:
            if cause is EndCause.DISCHARGED:
                order.about_to_change()
            order.terminate(happened(recorded), cause)

    return place


def full_granted(history: History, recorded: RecordedEvent[court.FullOrderGranted]) -> None:
    fact, at = recorded.event, happened(recorded)
    made_on = fact.made_on or legal_day(at)
    interim = _interim_just_before(history, at)
    order = CourtOrder(
        OrderKind.FULL,
        made_on,
        started(at, made_on),
        fact.last_day,
        fact.defendant_present,
        replaces_interim=(interim is not None)
        if fact.replaces_interim is None
        else fact.replaces_interim,
        resident_ni=fact.resident_ni,
        replaced=interim,
    )
    order.terms.append(first_terms(order.start, fact.conditions))
    make_full(history, order, at)


def _interim_just_before(history: History, at: datetime) -> CourtOrder | None:
    """The interim in force up to `at`, were it only to the last instant before it."""
    interim = history.latest(OrderKind.INTERIM)
    if interim is None or (interim.ended_by(at) and interim.end != at):
        return None
    return interim


def make_full(history: History, order: CourtOrder, at: datetime) -> None:
    if order.replaced is not None:
        order.replaced.terminate(at, EndCause.REPLACED)
    history.orders.append(order)
    if history.determined_at is None or order.made_on_appeal:
        history.determined_at, history.determination = at, "granted"
    history.milestones.append((at, "full_granted"))


def started(at: datetime, made_on: date | None) -> datetime:
    """An order begins when it is made; where only an earlier day is stated, with that day."""
    return at if made_on is None or legal_day(at) == made_on else start_of(made_on)


def takes_effect(recorded: RecordedEvent) -> datetime:
    """Where the fact belongs in the order of things: an order entered late, where it began."""
    if isinstance(recorded.event, _MAKES_AN_ORDER):
        return started(happened(recorded), recorded.event.made_on)
    return happened(recorded)


_MAKES_AN_ORDER = (
    court.InterimOrderGranted,
    court.FullOrderGranted,
    court.AppealAllowed,
    court.DAPOMade,
)


def varied(history: History, recorded: RecordedEvent[court.OrderVaried]) -> None:
    fact, at = recorded.event, happened(recorded)
    order = history.made_by_court(at)
    if order is not None:
        present = fact.applicant == "defendant" or "defendant" in (fact.heard or ())
        order.about_to_change()
        order.vary(at, TermsChange(fact.adds, fact.removes, present))
        history.milestones.append((at, "varied"))


def renewed(history: History, recorded: RecordedEvent[court.OrderRenewed]) -> None:
    fact, at = recorded.event, happened(recorded)
    order = history.made_by_court(at)
    if order is not None:
        order.about_to_change()
        order.last_day = fact.last_day
        if fact.adds or fact.removes:
            present = fact.applicant == "defendant" or "defendant" in (fact.heard or ())
            order.vary(at, TermsChange(fact.adds, fact.removes, present))
        history.renewal_applied_at = None


def renewal_applied(history: History, recorded: RecordedEvent[court.RenewalApplied]) -> None:
    history.renewal_applied_at = happened(recorded)


def came_into_force(history: History, recorded: RecordedEvent[court.OrderInForce]) -> None:
    fact = recorded.event
    order = history.latest(OrderKind.FULL) or history.latest(OrderKind.INTERIM)
    if order is not None:
        order.in_force_on = fact.from_


def existing_order(history: History, recorded: RecordedEvent[court.ExistingOrder]) -> None:
    history.existing.append(recorded.event)


def route_commenced(history: History, recorded: RecordedEvent[court.RegimeSwitch]) -> None:
    history.routes[recorded.event.feature] = recorded.event.from_


def dapo_made(history: History, recorded: RecordedEvent[court.DAPOMade]) -> None:
    fact, at = recorded.event, happened(recorded)
    made_on = fact.made_on or legal_day(at)
    order = CourtOrder(
        OrderKind.DAPO,
        made_on,
        started(at, made_on),
        fact.last_day,
        None,
        without_notice=fact.without_notice,
    )
    order.terms.append(first_terms(order.start, fact.conditions))
    history.dapos.append(order)


def served(history: History, recorded: RecordedEvent[service.OrderServed]) -> None:
    fact, at = recorded.event, happened(recorded)
    if fact.defendant_age is not None and fact.defendant_age < ADULT:
        history.child = True
    orders = (*history.orders, *history.dapos)
    made = [order for order in orders if order.kind == fact.order_kind]
    for order in made[-1:]:
        proven = fact.method not in UNPROVEN_METHODS
        order.services.append(Service(at, known(recorded), fact.method, proven))
        if fact.replaces_interim is not None and order.kind is OrderKind.FULL:
            order.replaces_interim = fact.replaces_interim


def service_corrected(history: History, recorded: RecordedEvent[service.ServiceCorrected]) -> None:
    fact = recorded.event
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
    latest.proven = latest.proven or fact.evidence is not None


def varied_terms_served(history: History, recorded: RecordedEvent) -> None:
    order = history.order_at(happened(recorded))
    if order is not None:
        order.terms[-1].served_at = order.terms[-1].served_at or happened(recorded)
