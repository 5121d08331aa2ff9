"""Suppression: a decision on record, for some terms and some time. It is never a mute.

The alert is raised all the same and stands on the board as held; only nobody is told until the decision
ends. Priority 1 is never held, and custody never holds contact: that is how contact from prison is missed.
To disable a rule takes two: one proposes it, and nothing is held before another agrees.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID, uuid5

from pydantic import AwareDatetime, PositiveInt

from domain.alerts import AlertRaised, Priority
from domain.conditions import ConditionCode
from domain.desk.hands import Hand
from domain.desk.refusals import refused_at_desk
from domain.dossier import NAMESPACE
from domain.events import Event, RecordedEvent, Stream
from domain.facts.words import ShortText, StaffNumber
from domain.taxonomy import TAXONOMY, Theme


class SuppressionKind(StrEnum):
    """Why nobody needs to be told for a while."""

    CUSTODY = "custody"
    EXERCISE = "exercise"
    RULE_DISABLED = "rule_disabled"
    MAINTENANCE = "maintenance"


LONGEST = MappingProxyType(
    {
        SuppressionKind.CUSTODY: timedelta(days=7),
        SuppressionKind.EXERCISE: timedelta(hours=8),
        SuppressionKind.RULE_DISABLED: timedelta(hours=24),
        SuppressionKind.MAINTENANCE: timedelta(hours=4),
    }
)
"""Force policy: a longer need is a new decision."""


TWO_DECIDE = frozenset({SuppressionKind.RULE_DISABLED})
PROPOSAL_STANDS = timedelta(hours=1)
"""Force policy: what nobody agreed to by then is proposed again."""


class SuppressionProposed(Event):
    """A decision that takes two people, as the first of them wants it. It holds nothing."""

    TOPIC = "spo.suppression-proposed.v1"
    kind: SuppressionKind
    conditions: tuple[ConditionCode, ...]
    order_id: UUID | None = None
    minutes: PositiveInt
    reason: ShortText


class SuppressionDecided(Event):
    """For these terms, on this order or on all of a force, nobody is told until the decision ends."""

    TOPIC = "spo.suppression-decided.v1"
    kind: SuppressionKind
    conditions: tuple[ConditionCode, ...]
    order_id: UUID | None = None
    begins: AwareDatetime
    ends: AwareDatetime
    reason: ShortText
    seconded_by: StaffNumber | None = None
    proposal: UUID | None = None
    """Of a decision of two: the event that proposed it; who agreed is on record as its actor."""


class SuppressionEnded(Event):
    """The decision or the proposal, named by the event that took it, was ended before its time."""

    TOPIC = "spo.suppression-ended.v1"
    decision: UUID | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants held. `order_id` None means every order of their force."""

    kind: SuppressionKind
    conditions: Sequence[str]
    reason: str
    lasts: timedelta
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody proposed, and until when another may agree."""

    id: UUID
    proposed: SuppressionProposed
    by: str
    lapses: datetime


@dataclass(slots=True)
class Decision:
    """One decision as it stands; `ends` may have been moved forward. `by` is who wanted it first."""

    id: UUID
    decided: SuppressionDecided
    by: str
    force: str
    ends: datetime

    @property
    def announced(self) -> bool:
        """Whether every board says that it runs: it silences a rule, or a whole force."""
        return self.decided.kind in TWO_DECIDE or self.decided.order_id is None

    def holds(self, raised: AlertRaised, at: datetime) -> bool:
        about = self.decided.order_id in {None, raised.order_id}
        concerned = about and raised.condition in self.decided.conditions
        return concerned and self.decided.begins <= at < self.ends


def suppressions_stream(force: str) -> UUID:
    return uuid5(NAMESPACE, f"suppressions:{force}")


@dataclass(slots=True)
class Suppressions(Stream):
    """What one force decided to hold back; found by the name of the force, however long the log is."""

    decisions: dict[UUID, Decision] = field(default_factory=dict)
    proposals: dict[UUID, Proposal] = field(default_factory=dict)

    def decide(self, wish: Wish, hand: Hand, now: datetime) -> Decision:
        """Refused when it is too wide, too long, or not this person's to take alone."""
        _check(wish, hand)
        if wish.kind in TWO_DECIDE:
            raise refused_at_desk("SECOND_PERSON_NEEDED")
        decided = SuppressionDecided(
            kind=wish.kind,
            conditions=tuple(wish.conditions),
            order_id=wish.order_id,
            begins=now,
            ends=now + wish.lasts,
            reason=wish.reason,
        )
        return self.decisions[self._record(decided, hand.envelope(now)).event_id]

    def propose(self, wish: Wish, hand: Hand, now: datetime) -> Proposal:
        """Held to the same rules; nothing is held back before another supervisor agrees."""
        _check(wish, hand)
        proposed = SuppressionProposed(
            kind=wish.kind,
            conditions=tuple(wish.conditions),
            order_id=wish.order_id,
            minutes=wish.lasts // timedelta(minutes=1),
            reason=wish.reason,
        )
        return self.proposals[self._record(proposed, hand.envelope(now)).event_id]

    def agree(self, proposal: UUID, hand: Hand, now: datetime) -> Decision:
        """It runs from now. Refused to who proposed it, and once it lapsed or was withdrawn."""
        found = self.proposals.get(proposal)
        if found is None or found.lapses <= now:
            raise refused_at_desk("NO_SUCH_PROPOSAL")
        if not hand.supervises:
            raise refused_at_desk("SUPERVISOR_NEEDED")
        if hand.staff == found.by:
            raise refused_at_desk("SECOND_PERSON_NEEDED")
        wanted = found.proposed
        decided = SuppressionDecided(
            kind=wanted.kind,
            conditions=wanted.conditions,
            order_id=wanted.order_id,
            begins=now,
            ends=now + timedelta(minutes=wanted.minutes),
            reason=wanted.reason,
            seconded_by=hand.staff,
            proposal=proposal,
        )
        return self.decisions[self._record(decided, hand.envelope(now)).event_id]

    def end(self, decision: UUID, hand: Hand, now: datetime) -> None:
        """Of a decision or a proposal. Anybody on duty may: more is told then, not less."""
        found = self.decisions.get(decision)
        if found is None and decision not in self.proposals:
            raise refused_at_desk("NO_SUCH_SUPPRESSION")
        if found is None or now < found.ends:
            self._record(SuppressionEnded(decision=decision), hand.envelope(now))

    def holding(self, raised: AlertRaised, at: datetime) -> Decision | None:
        """The decision that holds that alert back the longest; None when none does."""
        if raised.priority == Priority.IMMEDIATE:
            return None
        held = [each for each in self.decisions.values() if each.holds(raised, at)]
        return max(held, key=lambda each: each.ends, default=None)

    def apply(self, recorded: RecordedEvent) -> None:
        event, envelope = recorded.event, recorded.envelope
        if isinstance(event, SuppressionProposed):
            lapses = envelope.recorded_at + PROPOSAL_STANDS
            made = Proposal(recorded.event_id, event, envelope.actor, lapses)
            self.proposals[made.id] = made
        elif isinstance(event, SuppressionDecided):
            self._take(event, recorded)
        elif isinstance(event, SuppressionEnded) and event.decision is not None:
            self.proposals.pop(event.decision, None)
            if event.decision in self.decisions:
                self.decisions[event.decision].ends = envelope.recorded_at

    def _take(self, decided: SuppressionDecided, recorded: RecordedEvent) -> None:
        proposal = None if decided.proposal is None else self.proposals.pop(decided.proposal, None)
        envelope = recorded.envelope
        first = envelope.actor if proposal is None else proposal.by
        taken = Decision(recorded.event_id, decided, first, envelope.force, decided.ends)
        self.decisions[taken.id] = taken


def _check(wish: Wish, hand: Hand) -> None:
    if not hand.supervises:
        raise refused_at_desk("SUPERVISOR_NEEDED")
    if not wish.reason.strip():
        raise refused_at_desk("REASON_NEEDED")
    if not wish.conditions:
        raise refused_at_desk("SUPPRESSION_NAMES_NO_TERM")
    if not timedelta(0) < wish.lasts <= LONGEST[wish.kind]:
        raise refused_at_desk("SUPPRESSION_TOO_LONG")
    themes = {TAXONOMY[code].theme for code in wish.conditions if code in TAXONOMY}
    if wish.kind is SuppressionKind.CUSTODY and themes & {Theme.CONTACT, Theme.ONLINE}:
        raise refused_at_desk("CUSTODY_NEVER_HOLDS_CONTACT")
