"""Works the figures of this trade out of the log's events, one by one, as they are put on record."""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from prometheus_client import Histogram

from domain.alerts import ALERT_CLASS, AlertClass, AlertRaised, AlertWithdrawn
from domain.desk.case import AlertCase
from domain.desk.events import (
    AlertAcknowledged,
    AlertPresented,
    DeskEvent,
    EscalationStepFired,
)
from domain.events import EVENT_TYPES, RecordedEvent
from domain.findings import Finding
from spowatch.metrics.desk import DeskMeters
from spowatch.metrics.works import OF_THE_WORKS, WorksMeters

RECENT = timedelta(minutes=10)
_REMEMBERED = 10_000
"""Conclusions that may still bring an alert."""

MEASURED = OF_THE_WORKS | frozenset(
    topic
    for topic, kind in EVENT_TYPES.items()
    if issubclass(kind, Finding | AlertRaised | AlertWithdrawn | DeskEvent)
)
"""The topics this is given; the others need not be read at all."""

CaseOf = Callable[[UUID], AlertCase]


@dataclass(slots=True)
class _Recent:
    """What happened in the last ten minutes: alerts, and who worked a board."""

    raised: deque[datetime] = field(default_factory=deque)
    worked: dict[str, datetime] = field(default_factory=dict)

    def forget(self, now: datetime) -> None:
        while self.raised and now - self.raised[0] > RECENT:
            self.raised.popleft()
        self.worked = {who: at for who, at in self.worked.items() if now - at <= RECENT}


class OnRecord:
    """Histograms and counters begin with the first event given here; what is open is told from before."""

    def __init__(self, meters: DeskMeters, case_of: CaseOf) -> None:
        """`case_of` reads an alert as it stands; it may raise what cannot be read."""
        self._meters = meters
        self._case_of = case_of
        self._works = WorksMeters(meters)
        self._concluded: OrderedDict[UUID, datetime] = OrderedDict()
        self._unhandled: dict[UUID, datetime] = {}
        self._painted: dict[UUID, datetime] = {}
        self._recent = _Recent()

    def open_before(self, cases: Iterable[AlertCase], now: datetime) -> None:
        """The alerts that were open when this began."""
        for case in cases:
            self._stands(case, now)
            if case.presented_at is not None and not case.taken:
                self._painted[case.id] = case.presented_at

    def stood_before(self, recorded: RecordedEvent) -> None:
        """An event of the works that was on record when this began: what it left counts, not that it came."""
        self._works.stands(recorded)

    def happened(self, recorded: RecordedEvent, now: datetime) -> None:
        event = recorded.event
        if event.TOPIC in OF_THE_WORKS:
            self._works.happened(recorded)
        elif isinstance(event, Finding):
            self._conclude(recorded)
        else:
            case = self._case_of(recorded.originator_id)
            self._stands(case, now)
            self._of_the_alert(recorded, case)

    def tell(self, now: datetime) -> None:
        """What time alone changes."""
        self._recent.forget(now)
        raised, people = len(self._recent.raised), len(self._recent.worked)
        self._meters.operators.set(people)
        self._meters.per_operator.set(raised / max(1, people))
        self._meters.unhandled.set(len(self._unhandled))
        oldest = min(self._unhandled.values(), default=None)
        self._meters.oldest_unhandled.set(0 if oldest is None else oldest.timestamp())

    def _conclude(self, recorded: RecordedEvent) -> None:
        envelope = recorded.envelope
        self._concluded[recorded.event_id] = envelope.entered_at
        if len(self._concluded) > _REMEMBERED:
            self._concluded.popitem(last=False)
        if envelope.causation_id is None:  # by the clock, at the instant it was due
            _observe(self._meters.late.labels("duty"), envelope.recorded_at, envelope.entered_at)

    def _of_the_alert(self, recorded: RecordedEvent, case: AlertCase) -> None:
        at, raised = recorded.envelope.entered_at, case.raised
        match recorded.event:
            case AlertRaised() as alert:
                self._raised(recorded, alert)
            case AlertPresented() if raised is not None and _is_arrest(case):
                self._painted[case.id] = at
                _observe(self._meters.to_painted, raised.raised_at, at)
            case AlertAcknowledged() if case.id in self._painted:
                _observe(self._meters.to_acknowledged, self._painted.pop(case.id), at)
            case EscalationStepFired() as fired:
                _observe(self._meters.late.labels("escalation"), fired.due_at, at)
            case _:
                pass
        if recorded.envelope.terminal is not None:
            self._recent.worked[recorded.envelope.actor] = at

    def _raised(self, recorded: RecordedEvent, alert: AlertRaised) -> None:
        kind, at = ALERT_CLASS[alert.code], recorded.envelope.entered_at
        self._meters.raised.labels(str(kind), str(alert.priority)).inc()
        self._recent.raised.append(at)
        cause = recorded.envelope.causation_id
        concluded = self._concluded.pop(cause, None) if cause is not None else None
        if concluded is not None and kind is AlertClass.ARREST:
            _observe(self._meters.to_alert, concluded, at)

    def _stands(self, case: AlertCase, now: datetime) -> None:
        held = case.holding.until is not None and case.holding.until > now
        if case.open and case.ownership.staff is None and _is_arrest(case) and not held:
            assert case.raised is not None  # noqa: S101 - an open alert was raised
            self._unhandled.setdefault(case.id, case.raised.raised_at)
        else:
            self._unhandled.pop(case.id, None)
        if not case.open:
            self._painted.pop(case.id, None)


def _is_arrest(case: AlertCase) -> bool:
    return case.alert_class is AlertClass.ARREST


def _observe(histogram: Histogram, begun: datetime, ended: datetime) -> None:
    """Clocks of two machines differ by a little: nothing takes less than no time."""
    histogram.observe(max(0.0, (ended - begun).total_seconds()))
