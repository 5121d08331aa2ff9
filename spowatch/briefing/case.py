"""What an alert is about, looked up once: its finding, the act or the duty, and the court's order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.alerts import AlertRaised
from domain.conditions import Condition
from domain.court_orders import CourtOrder
from domain.desk.record import AlertOnRecord
from domain.events import RecordedEvent, holds
from domain.facts.breaches import AppointmentMissed, BreachReported
from domain.facts.court import ApplicationMade
from domain.facts.words import Defendant, ProtectedPerson
from domain.findings import (
    BreachRecorded,
    Concern,
    Finding,
    NotificationMissed,
)
from domain.history import Report, incident_of
from domain.notification import Duty
from domain.orders import StalkingProtectionOrder
from domain.position import Position


@dataclass(frozen=True, slots=True)
class AlertCase:
    """One alert with everything on record that bears on it, as of `now`."""

    alert: AlertOnRecord
    raised: AlertRaised
    found: RecordedEvent[Finding]
    order: StalkingProtectionOrder
    person_orders: Sequence[StalkingProtectionOrder]
    position: Position
    now: datetime
    report: RecordedEvent[Report] | None
    duty: Duty | None

    @property
    def at(self) -> datetime:
        """When it happened: the act, or the deadline that passed; now where it lies ahead."""
        if self.report is not None:
            return self.report.envelope.occurred_at
        return min(self.raised.due_at, self.now)

    @property
    def court_order(self) -> CourtOrder | None:
        """The order that was broken, or under which the duty arose."""
        history, finding = self.position.history, self.found.event
        made = (*history.orders, *history.dapos)
        named: Iterable[CourtOrder] = ()
        if isinstance(finding, BreachRecorded):
            about = (finding.order_kind, finding.made_on)
            named = (order for order in made if (order.kind, order.made_on) == about)
        elif self.duty is not None:
            named = (order for order in made if order.name == self.duty.cause)
        bound_from = self.at if self.duty is None else self.duty.bound_from
        return next(iter(named), history.order_at(bound_from) or self.position.latest_order)

    @property
    def term(self) -> Condition | None:
        """The broken term as it stood at the act."""
        order = self.court_order
        if order is None or self.raised.condition is None:
            return None
        return order.condition_at(self.raised.condition, self.at)

    @property
    def applications(self) -> Iterator[ApplicationMade]:
        """What was applied for against the person, this order's application first."""
        orders = sorted(self.person_orders, key=lambda order: order.id != self.order.id)
        for order in orders:
            for fact in order.facts:
                if isinstance(fact.event, ApplicationMade):
                    yield fact.event

    @property
    def defendant(self) -> Defendant | None:
        return next((a.defendant for a in self.applications if a.defendant is not None), None)

    @property
    def protected(self) -> Sequence[ProtectedPerson]:
        """The people this order protects, as its application names them."""
        facts = [fact.event for fact in self.order.facts]
        return [p for fact in facts if isinstance(fact, ApplicationMade) for p in fact.protected]


def case_of(
    alert: AlertOnRecord,
    order: StalkingProtectionOrder,
    subject_orders: Iterable[StalkingProtectionOrder],
    now: datetime,
) -> AlertCase:
    """Raises `LookupError` when the alert was never raised, or for something not on this order."""
    if alert.raised is None:
        msg = f"alert {alert.id} was never raised"
        raise LookupError(msg)
    found = _finding(order, alert.raised)
    position = order.position(max(now, order.known_until or now))
    others = [other for other in subject_orders if other.id != order.id]
    return AlertCase(
        alert=alert,
        raised=alert.raised,
        found=found,
        order=order,
        person_orders=[order, *others],
        position=position,
        now=now,
        report=_report(order, found.event),
        duty=_duty(position, found.event),
    )


def _finding(order: StalkingProtectionOrder, raised: AlertRaised) -> RecordedEvent[Finding]:
    for entry in (*order.standing.values(), *order.withdrawn):
        if entry.event_id == raised.cause:
            return entry
    msg = f"order {order.id} holds no finding {raised.cause}"
    raise LookupError(msg)


def _report(order: StalkingProtectionOrder, finding: Finding) -> RecordedEvent[Report] | None:
    """The report a breach was found in, or the conduct that no order forbade."""
    for fact in order.facts:
        if not holds(fact, BreachReported) and not holds(fact, AppointmentMissed):
            continue
        if isinstance(finding, BreachRecorded):
            speaks_of_it = fact.originator_version == finding.report_version
        else:
            speaks_of_it = finding.key == f"{Concern.CONDUCT_NO_ORDER}:{incident_of(fact)}"
        if speaks_of_it:
            return fact
    return None


def _duty(position: Position, finding: Finding) -> Duty | None:
    """The duty as it stands now; None when late knowledge has moved it."""
    if not isinstance(finding, NotificationMissed):
        return None
    about = (finding.duty, finding.first_day)
    owed = (duty for duty in position.duties if (duty.kind, duty.window.first_day) == about)
    return next(owed, None)
