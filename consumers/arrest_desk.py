"""The arrest desk: turns findings into alerts, and withdrawals into withdrawn alerts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from consumers.alert_rules import Demand, demands, offence_provision, report_of
from consumers.on_other_orders import Incident, with_those_elsewhere
from domain.alerts import AlertRaised, AlertWithdrawn, ArrestAlert, LateBecause, Priority, alert_id
from domain.desk.routing import route
from domain.events import Envelope, RecordedEvent, holds
from domain.findings import BreachRecorded, Finding, FindingWithdrawn, NotificationMissed
from domain.lateness import LATE
from domain.orders import StalkingProtectionOrder
from domain.published import OrderEvent
from domain.repeats import STANDARD_REPEATS, Row, met


def alerts_from(
    recorded: RecordedEvent,
    order: StalkingProtectionOrder,
    *,
    raised_at: datetime,
    repeats: Iterable[Row] = STANDARD_REPEATS,
    elsewhere: Sequence[Incident] = (),
) -> Iterator[tuple[UUID, AlertRaised]]:
    """The alerts that a finding demands, each with the id it has for ever.

    `repeats` is the table by which a pattern makes one more urgent, `elsewhere` what is on record of
    the person's other orders.
    """
    if not holds(recorded, Finding):
        return
    for demand in demands(recorded, order):
        identity = alert_id(recorded.event_id, demand.rule)
        counted = with_those_elsewhere(demand, recorded, order, elsewhere)
        seen = in_view_of_repeats(counted, repeats)
        yield identity, _alert(seen, recorded, order, raised_at)


def in_view_of_repeats(demand: Demand, table: Iterable[Row]) -> Demand:
    """As urgent as the pattern makes it, with the pattern among its reasons."""
    if demand.repeats is None:
        return demand
    found = list(met(table, demand.repeats.of, demand.repeats.earlier))
    reasons = (*demand.reasons, *(reason for _, reason in found))
    raised = min((row.raises_to for row, _ in found), default=demand.priority)
    most = max(raised, demand.at_most or demand.priority)
    return replace(demand, priority=Priority(min(demand.priority, most)), reasons=reasons)


def withdrawals_from(
    recorded: RecordedEvent, order: StalkingProtectionOrder
) -> Iterator[tuple[UUID, AlertWithdrawn]]:
    """The alerts that a withdrawn finding takes with it."""
    if not isinstance(recorded.event, FindingWithdrawn):
        return
    finding = order.finding(recorded.event.finding_version)
    withdrawal = AlertWithdrawn(reason=recorded.event.reason, cause=recorded.event_id)
    for demand in demands(finding, order):
        yield alert_id(finding.event_id, demand.rule), withdrawal


def _alert(
    demand: Demand,
    recorded: RecordedEvent[Finding],
    order: StalkingProtectionOrder,
    raised_at: datetime,
) -> AlertRaised:
    finding = recorded.event
    breach = finding if isinstance(finding, BreachRecorded) else None
    repeats = demand.repeats
    way = route(order.force, report_of(breach, order) if breach else None)
    return AlertRaised(
        code=demand.code,
        rule=demand.rule,
        cause=recorded.event_id,
        order_id=order.id,
        reference=order.reference,
        force=order.force,
        priority=demand.priority,
        reasons=demand.reasons,
        offence=offence_provision(demand),
        condition=breach.condition if breach else None,
        terms_version=breach.terms_version if breach else None,
        doubts=(*_doubts(finding), *_register_doubts(order)),
        due_at=finding.due_at,
        raised_at=raised_at,
        repeats_24h=repeats.within_24h if repeats else 0,
        repeats_7d=repeats.within_7d if repeats else 0,
        repeats_30d=repeats.within_30d if repeats else 0,
        late_because=late_because(recorded, raised_at),
        answers=way.answers if way.answers != order.force else None,
        must_know=way.must_know,
    )


def late_because(recorded: RecordedEvent[Finding], raised_at: datetime) -> LateBecause | None:
    """The first of the hands it passed through that held it for more than `LATE`."""
    envelope = recorded.envelope
    if envelope.recorded_at - recorded.event.due_at > LATE:
        return LateBecause.RECORDED_LATE
    if envelope.entered_at - envelope.recorded_at > LATE:
        by_a_fact = envelope.causation_id is not None
        return LateBecause.ENTERED_LATE if by_a_fact else LateBecause.SWEPT_LATE
    return LateBecause.DESK_LATE if raised_at - envelope.entered_at > LATE else None


def _doubts(finding: Finding) -> tuple[str, ...]:
    return finding.doubts if isinstance(finding, BreachRecorded | NotificationMissed) else ()


def _register_doubts(order: StalkingProtectionOrder) -> tuple[str, ...]:
    return ("history_assumed",) if order.history_assumed else ()


def desk_envelope(recorded: RecordedEvent, at: datetime) -> Envelope:
    """The envelope of what the desk does because of `recorded`."""
    return Envelope(
        occurred_at=recorded.envelope.occurred_at,
        recorded_at=at,
        entered_at=at,
        subject_id=recorded.envelope.subject_id,
        actor="arrest-desk",
        role="alert",
        force=recorded.envelope.force,
        correlation_id=recorded.correlation_id,
        causation_id=recorded.event_id,
        law=recorded.envelope.law,
    )


@dataclass(frozen=True, slots=True)
class Act:
    """Raising or withdrawing one alert, because of one event."""

    alert: UUID
    event: OrderEvent
    entry: AlertRaised | AlertWithdrawn
    envelope: Envelope

    @property
    def raises(self) -> bool:
        return isinstance(self.entry, AlertRaised)

    def on(self, alert: ArrestAlert) -> None:
        """A withdrawal of what was never raised is nothing; what was done before is not repeated."""
        if isinstance(self.entry, AlertRaised):
            alert.raise_(self.entry, self.envelope)
        elif alert.raised is not None:
            alert.withdraw(self.entry, self.envelope)


def acts_on(
    event: OrderEvent,
    recorded: RecordedEvent,
    order: StalkingProtectionOrder,
    at: datetime,
    repeats: Iterable[Row] = STANDARD_REPEATS,
    elsewhere: Sequence[Incident] = (),
) -> Iterator[Act]:
    """What the desk does because of `recorded`, which is what stands at that event's place."""
    envelope = desk_envelope(recorded, at)
    alerts = alerts_from(recorded, order, raised_at=at, repeats=repeats, elsewhere=elsewhere)
    for identity, raised in alerts:
        yield Act(identity, event, raised, envelope)
    for identity, withdrawal in withdrawals_from(recorded, order):
        yield Act(identity, event, withdrawal, envelope)


def apply_to(
    alerts: dict[UUID, ArrestAlert],
    recorded: RecordedEvent,
    order: StalkingProtectionOrder,
    at: datetime,
    elsewhere: Sequence[Incident] = (),
) -> None:
    """Raise and withdraw in a set of alerts held in memory."""
    for identity, raised in alerts_from(recorded, order, raised_at=at, elsewhere=elsewhere):
        alert = alerts.setdefault(identity, ArrestAlert(identity))
        alert.raise_(raised, desk_envelope(recorded, at))
    for identity, withdrawal in withdrawals_from(recorded, order):
        alerts[identity].withdraw(withdrawal, desk_envelope(recorded, at))
