"""The Stalking Protection Order: facts are stated, refused or recorded, and conclusions drawn.

The aggregate keeps facts and the findings drawn from them. A public method decides; `apply` only
writes down. What it concludes always comes from `position_of` over the facts known at that moment,
so late knowledge changes conclusions and never history.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import PlainValidator, SerializeAsAny, ValidationInfo
from pydantic_core import to_json

from domain.arranging import history_of
from domain.conditions import Condition
from domain.events import Envelope, Event, RecordedEvent, Stream, holds
from domain.facts import Fact
from domain.facts.breaches import AppointmentMissed, BreachReported, BreachRetracted
from domain.facts.court import ExistingOrder
from domain.facts.notification import NotificationReceived
from domain.facts.person import DefendantDied
from domain.facts.service import ServiceCorrected
from domain.facts.words import ShortText
from domain.findings import ConcernRaised, Finding, FindingWithdrawn, WithdrawalReason
from domain.history import History
from domain.personal import HoldsAnyFact
from domain.position import Position, position_of
from domain.receipts import receipts
from domain.refusals import REFUSALS, Refusal
from domain.regimes import REGIMES, Regime
from domain.rules import refusal_of
from domain.vocabulary import FACT_TYPES, Statement


class OrderOpened(Event):
    """The register opened a record under the force's order reference."""

    TOPIC = "spo.order-opened.v1"
    reference: ShortText
    force: ShortText
    regime: ShortText
    history_assumed: bool = False


def _read_fact(value: Any, info: ValidationInfo) -> Fact:
    if isinstance(value, Fact):
        return value
    kind = FACT_TYPES[info.data["fact_type"]]
    return kind.model_validate_json(to_json(value), context=info.context)


class FactRefused(Event, HoldsAnyFact):
    """A fact the register did not accept. It is kept as information and changes nothing."""

    TOPIC = "spo.fact-refused.v1"
    fact_type: ShortText
    code: ShortText
    fact: Annotated[Fact, PlainValidator(_read_fact), SerializeAsAny()]

    @classmethod
    def of(cls, fact: Fact, refusal: Refusal) -> "FactRefused":
        return cls(fact_type=type(fact).__name__, code=refusal.code, fact=fact)


@dataclass(slots=True)
class Stated:
    """What came of stating a fact: the event it became, and the refusal if it was refused."""

    recorded: RecordedEvent | None
    refusal: Refusal | None = None


@dataclass(slots=True)
class StalkingProtectionOrder(Stream):
    """One order reference with everything known about it."""

    reference: str = ""
    force: str = ""
    regime: Regime = field(default=REGIMES["EW-SPA-2019"])
    subject_id: UUID | None = None
    history_assumed: bool = False
    facts: list[RecordedEvent[Fact]] = field(default_factory=list)
    refused: list[RecordedEvent[FactRefused]] = field(default_factory=list)
    standing: dict[tuple[str, ...], RecordedEvent[Finding]] = field(default_factory=dict)
    withdrawn: list[RecordedEvent[Finding]] = field(default_factory=list)
    withdrawals: list[RecordedEvent[FindingWithdrawn]] = field(default_factory=list)
    known_until: datetime | None = None
    next_change: datetime | None = None
    _arranged: tuple[int, History] | None = field(default=None, compare=False, repr=False)
    _latest: Position | None = field(default=None, compare=False, repr=False)

    def open(self, opened: OrderOpened, envelope: Envelope) -> None:
        """Give the record its reference. Once."""
        if self.version == 0:
            self._record(opened, envelope)

    def state(
        self,
        statement: Statement,
        *,
        entered_at: datetime,
        beside: Iterable[Condition] = (),
        routes: Iterable[tuple[str, Any]] = (),
    ) -> Stated:
        """Record a fact, or refuse it, and draw the conclusions it leads to.

        `beside` are the terms of the person's other orders (s.2(6)), `routes` the provisions
        commenced so far. A fact already on record is not recorded again.
        """
        known_at = max(statement.recorded_at, self.known_until or statement.recorded_at)
        envelope = statement.envelope(
            law=self.regime.name,
            entered_at=entered_at,
            subject_id=self.subject_id,
            known_at=known_at,
        )
        already = self._already_recorded(statement.fact, envelope.occurred_at)
        if already is not None:
            return Stated(already, self._judged_refusal(already))
        self.advance(known_at, entered_at=entered_at)
        tentative = RecordedEvent(self.id, self.version + 1, envelope, statement.fact)
        refusal = self._refusal(tentative, beside, routes)
        if refusal is not None:
            return Stated(self._refuse(statement.fact, refusal, envelope), refusal)
        recorded = self._record(statement.fact, envelope)
        self.conclude(known_at, entered_at=entered_at, because=recorded)
        return Stated(recorded, self._judged_refusal(recorded))

    def advance(self, to: datetime, *, entered_at: datetime) -> Position | None:
        """Draw every conclusion that time brings up to and including `to`; the last position."""
        position = None
        while self.next_change is not None and self.next_change <= to:
            position = self.conclude(self.next_change, entered_at=entered_at)
        return position

    def conclude(
        self, now: datetime, *, entered_at: datetime, because: RecordedEvent | None = None
    ) -> Position:
        """Record what the position at `now` holds that was not recorded, and what no longer holds.

        Recording nothing when nothing changed, it may be called at any time, any number of times.
        """
        position = self.position(now)
        self.next_change = position.next_change
        found = {finding.identity: finding for finding in position.findings}
        gone = [entry for identity, entry in self.standing.items() if identity not in found]
        for entry in gone:
            reason = _why_gone(entry.event, because)
            withdrawal = FindingWithdrawn(finding_version=entry.originator_version, reason=reason)
            self._record(withdrawal, self._aside(now, entered_at, because))
        for identity, finding in found.items():
            if identity not in self.standing:
                self._record(finding, self._aside(now, entered_at, because, finding.due_at))
        return position

    def position(self, now: datetime) -> Position:
        """Where the order stands at `now` on what was known by `now`."""
        if self.known_until is not None and now < self.known_until:
            known = [fact for fact in self.facts if fact.envelope.recorded_at <= now]
            return position_of(history_of(known, self.regime), now)
        history = self._history()
        if self._latest is None or self._latest.history is not history or self._latest.now != now:
            self._latest = position_of(history, now)
        return self._latest

    def apply(self, recorded: RecordedEvent) -> None:
        if holds(recorded, Fact):
            self.facts.append(recorded)
        elif holds(recorded, Finding):
            self.standing[recorded.event.identity] = recorded
        elif holds(recorded, FindingWithdrawn):
            self._strike(recorded.event.finding_version)
            self.withdrawals.append(recorded)
        elif holds(recorded, FactRefused):
            self.refused.append(recorded)
        elif holds(recorded, OrderOpened):
            self._opened(recorded.event, recorded.envelope.subject_id)
        known_at = recorded.envelope.recorded_at
        self.known_until = max(known_at, self.known_until or known_at)

    def fold(self, history: Iterable[RecordedEvent]) -> None:
        """Read back. What time alone will bring is not stored: it is worked out again from here."""
        version = self.version
        Stream.fold(self, history)
        if self.version != version:
            self.next_change = self.known_until

    def _opened(self, opened: OrderOpened, subject_id: UUID | None) -> None:
        self.reference, self.force = opened.reference, opened.force
        self.regime = REGIMES[opened.regime]
        self.history_assumed = opened.history_assumed
        self.subject_id = subject_id

    def finding(self, version: int) -> RecordedEvent[Finding]:
        """The finding at `version` of this stream, standing or withdrawn."""
        entries = (*self.standing.values(), *self.withdrawn)
        return next(entry for entry in entries if entry.originator_version == version)

    def conclusion(self, version: int) -> RecordedEvent:
        """The finding, or the withdrawal of one, at `version` of this stream. Raises `LookupError`."""
        entries = (*self.standing.values(), *self.withdrawn, *self.withdrawals)
        return {entry.originator_version: entry for entry in entries}[version]

    def _strike(self, version: int) -> None:
        struck = next(i for i, e in self.standing.items() if e.originator_version == version)
        self.withdrawn.append(self.standing.pop(struck))

    def _refuse(self, fact: Fact, refusal: Refusal, envelope: Envelope) -> RecordedEvent:
        """Keep the refused fact, once."""
        at, refused = envelope.occurred_at, FactRefused.of(fact, refusal)
        same = (e for e in self.refused if e.envelope.occurred_at == at and e.event == refused)
        return next(same, None) or self._record(refused, envelope)

    def _already_recorded(self, fact: Fact, at: datetime) -> RecordedEvent[Fact] | None:
        same = (e for e in self.facts if e.envelope.occurred_at == at and e.event == fact)
        return next(same, None)

    def _refusal(
        self,
        tentative: RecordedEvent[Fact],
        beside: Iterable[Condition],
        routes: Iterable[tuple[str, Any]],
    ) -> Refusal | None:
        history = self._history()
        terms = tuple(beside)
        if terms:
            existing = ExistingOrder(order_ref="beside", conditions=terms)
            history = replace(history, existing=[*history.existing, existing])
        commenced = dict(routes)
        if commenced:
            history = replace(history, routes={**history.routes, **commenced})
        return refusal_of(tentative, history)

    def _history(self) -> History:
        """The history of every fact on record; it does not depend on the time."""
        if self._arranged is None or self._arranged[0] != len(self.facts):
            self._arranged = len(self.facts), history_of(self.facts, self.regime)
        return self._arranged[1]

    def _judged_refusal(self, recorded: RecordedEvent) -> Refusal | None:
        """The refusal of a report or a notification that is kept but does not count."""
        if not isinstance(recorded.event, _JUDGED):
            return None
        code = self.judged_codes(recorded.envelope.recorded_at).get(recorded.originator_version)
        return None if code is None else REFUSALS[code]

    def judged_codes(self, now: datetime) -> dict[int, str]:
        """Version and code of every report and notification that does not count at `now`."""
        position = self.position(now)
        codes = {
            item.report.originator_version: item.refused_as
            for item in position.judged
            if item.refused_as is not None
        }
        for receipt in receipts(position.history):
            if receipt.refused_as is not None:
                codes[receipt.recorded.originator_version] = receipt.refused_as
        return codes

    def _aside(
        self,
        now: datetime,
        entered_at: datetime,
        because: RecordedEvent | None,
        occurred_at: datetime | None = None,
    ) -> Envelope:
        return Envelope(
            occurred_at=occurred_at or now,
            recorded_at=now,
            entered_at=max(entered_at, now),
            subject_id=self.subject_id,
            actor="register",
            role="register",
            force=self.force,
            correlation_id=None if because is None else because.correlation_id,
            causation_id=None if because is None else because.event_id,
            law=self.regime.name,
        )


_JUDGED = (BreachReported, AppointmentMissed, NotificationReceived)
"""Facts that are kept whatever they are, and judged anew with everything that becomes known."""

_REASONS: tuple[tuple[type[Fact], WithdrawalReason], ...] = (
    (DefendantDied, WithdrawalReason.DEFENDANT_DIED),
    (BreachRetracted, WithdrawalReason.REPORT_RETRACTED),
    (ServiceCorrected, WithdrawalReason.SERVICE_CORRECTED),
    (NotificationReceived, WithdrawalReason.COMPLIED_IN_TIME),
)


def _why_gone(finding: Event, because: RecordedEvent | None) -> WithdrawalReason:
    if isinstance(finding, ConcernRaised):
        return WithdrawalReason.OVER
    cause = None if because is None else because.event
    reasons = (reason for kind, reason in _REASONS if isinstance(cause, kind))
    return next(reasons, WithdrawalReason.LATE_KNOWLEDGE)
