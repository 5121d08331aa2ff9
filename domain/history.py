"""The life of an order and its subject, arranged by when things happened.

A `History` concludes nothing: it holds the spells, versions and facts that `domain.arranging` puts
in their order of occurrence, and answers what was so at an instant.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from domain.court_orders import CourtOrder, OrderKind
from domain.events import RecordedEvent
from domain.facts import breaches, court, managing, notification
from domain.regimes import ClockStart, Regime
from domain.spells import Spell

ADULT = 18


Report = breaches.BreachReported | breaches.AppointmentMissed


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
    moves: list[RecordedEvent[notification.HomeAddressChanged]] = field(default_factory=list)
    homes_given_up: list[RecordedEvent[notification.HomeAddressCeased]] = field(
        default_factory=list
    )
    names_used: list[RecordedEvent[notification.NameUsed]] = field(default_factory=list)
    notifications: list[RecordedEvent[notification.NotificationReceived]] = field(
        default_factory=list
    )
    found_false: list[RecordedEvent[notification.NotificationFoundFalse]] = field(
        default_factory=list
    )
    visits: list[RecordedEvent[notification.AddressVisit]] = field(default_factory=list)
    biometrics_requests: list[RecordedEvent[notification.BiometricsRequested]] = field(
        default_factory=list
    )
    biometrics_refusals: list[RecordedEvent[notification.BiometricsRefused]] = field(
        default_factory=list
    )
    reports: list[RecordedEvent[breaches.BreachReported]] = field(default_factory=list)
    appointments: list[RecordedEvent[breaches.AppointmentMissed]] = field(default_factory=list)
    appointments_listed: list[RecordedEvent[managing.AppointmentListed]] = field(
        default_factory=list
    )
    appointments_kept: list[RecordedEvent[managing.AppointmentKept]] = field(default_factory=list)
    review: RecordedEvent[managing.ReviewListed] | None = None
    officer: str | None = None
    retracted: set[str] = field(default_factory=set)
    charges: list[str] = field(default_factory=list)
    milestones: list[tuple[datetime, str]] = field(default_factory=list)
    offence_on: date | None = None
    convicted_on: date | None = None

    def all_reports(self) -> list[RecordedEvent[Report]]:
        return [*self.reports, *self.appointments]

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

    def made_by_court(self, at: datetime) -> CourtOrder | None:
        """The full order in force at `at`; under the 2021 Act, where there is none, the DAPO."""
        full = self.order_at(at, OrderKind.FULL)
        if full is not None or self.regime.clock_start is not ClockStart.MADE:
            return full
        return next((dapo for dapo in reversed(self.dapos) if dapo.in_force_at(at)), None)

    def latest(self, kind: OrderKind) -> CourtOrder | None:
        """The order of that kind made last, in force or not."""
        return next((order for order in reversed(self.orders) if order.kind is kind), None)

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


def incident_of(report: RecordedEvent[Report]) -> str:
    """The incident a report belongs to; a report that names none is an incident by itself."""
    stated = report.event.incident if isinstance(report.event, breaches.BreachReported) else None
    return stated or f"report-{report.originator_version}"


def home_on_record(history: History) -> str | None:
    """The last address the person gave, or moved to, by time."""
    given = [
        (happened(item), item.event.home_address.place)
        for item in history.notifications
        if item.event.home_address
    ]
    given += [(happened(item), item.event.to.place) for item in history.moves]
    return max(given)[1] if given else None
