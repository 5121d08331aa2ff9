"""Given these facts, when this happens, then the register concludes that: on plain objects.

Times are written as the London clock shows them: `at("2026-11-02 10:00")`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from consumers.arrest_desk import apply_to
from domain.alerts import AlertCode, ArrestAlert
from domain.calendar import LONDON
from domain.dossier import order_id
from domain.events import Envelope, Event, RecordedEvent
from domain.facts import Fact
from domain.findings import ConcernRaised
from domain.orders import FactRefused, OrderOpened, StalkingProtectionOrder
from domain.position import Position
from domain.regimes import EW_SPA_2019, Regime
from domain.vocabulary import Statement, read_statement

Expected = type[Event] | tuple[type[Event], Mapping[str, Any]]


def at(local: str) -> datetime:
    """The instant at which clocks in London show this."""
    return datetime.fromisoformat(local).replace(tzinfo=LONDON)


BEFORE_ALL = at("2020-01-01 00:00")


def fact(local: str, kind: str, /, **data: Any) -> Statement:
    """A fact as people write it; `recorded`, when given, is when it became known."""
    if "recorded" in data:
        data["recorded_at"] = at(data.pop("recorded")).isoformat()
    for key in ("occurred_at", "served_at"):
        if key in data:
            data[key] = at(data[key]).isoformat()
    return read_statement({"t": at(local).isoformat(), "type": kind, "data": data})


def envelope(instant: datetime, subject: UUID | None = None) -> Envelope:
    return Envelope(
        occurred_at=instant, recorded_at=instant, entered_at=instant, subject_id=subject
    )


def opened(reference: str = "SPO-1", regime: Regime = EW_SPA_2019) -> StalkingProtectionOrder:
    order = StalkingProtectionOrder(order_id(reference))
    event = OrderOpened(reference=reference, force="Kent", regime=regime.name)
    order.open(event, envelope(BEFORE_ALL))
    return order


@dataclass
class Story:
    """An order and the desk's alerts on it, as they stand after what was told so far."""

    order: StalkingProtectionOrder
    alerts: dict[UUID, ArrestAlert] = field(default_factory=dict)
    heard: list[RecordedEvent] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    now: datetime = BEFORE_ALL

    def when(self, *steps: Statement | datetime) -> "Story":
        """Tell it facts, or let time pass to an instant; `then` asks about these alone."""
        self.heard.clear()
        self.refusals.clear()
        for step in steps:
            if isinstance(step, Statement):
                self._state(step)
            else:
                self._pass_time(step)
        return self

    def _state(self, statement: Statement) -> None:
        self._pass_time(max(statement.recorded_at, self.now))
        stated = self.order.state(statement, entered_at=self.now)
        if stated.refusal is not None:
            self.refusals.append(stated.refusal.code)
        self._desk()

    def _pass_time(self, to: datetime) -> None:
        self.now = to
        self.order.advance(to, entered_at=to)
        self._desk()

    def _desk(self) -> None:
        for recorded in self.order.collect_events():
            self.heard.append(recorded)
            apply_to(self.alerts, recorded, self.order, recorded.envelope.recorded_at)

    def concluded(self) -> list[Event]:
        """What the register wrote besides the facts it was told."""
        kinds = (Fact, FactRefused, OrderOpened)
        return [entry.event for entry in self.heard if not isinstance(entry.event, kinds)]

    def then(self, *expected: Expected) -> "Story":
        """Exactly these conclusions were recorded, each holding at least these values."""
        assert not self.refusals
        concluded = self.concluded()
        assert [type(event) for event in concluded] == [_kind(each) for each in expected]
        for event, each in zip(concluded, expected, strict=True):
            values = each[1] if isinstance(each, tuple) else {}
            assert {name: getattr(event, name) for name in values} == dict(values)
        return self

    def then_nothing(self) -> "Story":
        return self.then()

    def then_refused(self, code: str) -> "Story":
        """The last fact was refused; if it was not a report, nothing else came of it."""
        assert self.refusals[-1:] == [code]
        return self

    def then_alerts(self, *codes: AlertCode) -> "Story":
        """Exactly these alerts and notices are open at the desk."""
        assert self.open_alerts() == Counter(codes)
        return self

    def then_raised(self, *codes: AlertCode) -> "Story":
        """At least these alerts and notices are open at the desk."""
        assert Counter(codes) <= self.open_alerts()
        return self

    def open_alerts(self) -> Counter[AlertCode]:
        standing = [a.raised.code for a in self.alerts.values() if a.raised and not a.withdrawn]
        notices = [alert.notice for alert in self.alerts.values() if alert.notice is not None]
        return Counter([*standing, *notices])

    def then_position(self, **expected: Any) -> "Story":
        position = self.position()
        assert {name: getattr(position, name) for name in expected} == expected
        return self

    def then_duties(self, *expected: tuple[str, str]) -> "Story":
        """Kind and state of every duty, by first day."""
        assert [(duty.kind, duty.state) for duty in self.position().duties] == list(expected)
        return self

    def then_concerns(self, *concerns: str) -> "Story":
        """Exactly these concerns stand."""
        standing = (entry.event for entry in self.order.standing.values())
        found = [event.concern for event in standing if isinstance(event, ConcernRaised)]
        assert Counter(found) == Counter(concerns)
        return self

    def position(self) -> Position:
        return self.order.position(self.now)


def _kind(expected: Expected) -> type[Event]:
    return expected[0] if isinstance(expected, tuple) else expected


def given(*steps: Statement | datetime, regime: Regime = EW_SPA_2019) -> Story:
    """What had been told before; every fact of it is lawful."""
    story = Story(opened(regime=regime)).when(*steps)
    assert not story.refusals
    return story


APPLIED = fact(
    "2026-11-02 09:00",
    "ApplicationMade",
    applicant="chief_officer",
    force="Kent",
    nexus="resides",
    court="magistrates",
    defendant_age=34,
)
"""Monday; Kent applies for an order on somebody who lives there."""

GRANTED = fact(
    "2026-11-02 10:00",
    "FullOrderGranted",
    until="further_order",
    conditions=[{"code": "P-CONTACT-DIRECT"}, {"code": "P-ZONE-DIST", "metres": 100}],
)
"""The same Monday; a full order until further order."""

SERVED = fact("2026-11-02 12:00", "OrderServed", order_kind="full", method="in_person")
"""In hand, at noon: the person has Monday, Tuesday and Wednesday to notify."""

DEADLINE = at("2026-11-05 00:00")

NOTIFIED = fact(
    "2026-11-03 11:00",
    "NotificationReceived",
    by="defendant",
    method="in_person_oral",
    station_area="home_address_area",
    names=["Robin Marsh"],
    home_address="1 High Street, Dover",
    acknowledgement_issued=True,
)
"""Tuesday; in person and aloud, at the right station."""

INTERIM = fact(
    "2026-11-02 10:00",
    "InterimOrderGranted",
    last_day="2026-11-30",
    conditions=[{"code": "P-CONTACT-DIRECT"}],
)
INTERIM_SERVED = fact("2026-11-02 12:00", "OrderServed", order_kind="interim", method="in_person")


def breach(local: str, /, *, condition: str = "P-CONTACT-DIRECT", **data: Any) -> Statement:
    """A report made at the time it happened, unless `occurred_at` says otherwise."""
    data.setdefault("occurred_at", local)
    return fact(local, "BreachReported", condition=condition, **data)
