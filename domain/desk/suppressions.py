"""Suppression: a decision on record, for some terms and some time. It is never a mute.

The alert is raised all the same and stands on the board as held; only nobody is told until the decision
ends. Priority 1 is never held, and custody never holds contact: that is how contact from prison is missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from pydantic import AwareDatetime

from domain.alerts import AlertRaised, Priority
from domain.conditions import ConditionCode
from domain.desk.hands import Hand
from domain.desk.refusals import refused_at_desk
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


class SuppressionEnded(Event):
    """The decision was ended before its time."""

    TOPIC = "spo.suppression-ended.v1"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants held. `order_id` None means every order of their force."""

    kind: SuppressionKind
    conditions: Sequence[str]
    reason: str
    lasts: timedelta
    order_id: UUID | None = None
    seconded_by: str | None = None


@dataclass(slots=True)
class Suppression(Stream):
    """One decision, from its beginning to its end."""

    decided: SuppressionDecided | None = None
    force: str = ""
    ends: datetime | None = None

    def decide(self, wish: Wish, hand: Hand, now: datetime) -> None:
        """Refused when it is too wide, too long, or not this person's to take."""
        if self.decided is not None:
            return
        _check(wish, hand)
        decided = SuppressionDecided(
            kind=wish.kind,
            conditions=tuple(wish.conditions),
            order_id=wish.order_id,
            begins=now,
            ends=now + wish.lasts,
            reason=wish.reason,
            seconded_by=wish.seconded_by,
        )
        self._record(decided, hand.envelope(now))

    def end(self, hand: Hand, now: datetime) -> None:
        """Anybody on duty may: more is told then, not less."""
        if self.ends is not None and now < self.ends:
            self._record(SuppressionEnded(), hand.envelope(now))

    def holds(self, raised: AlertRaised, at: datetime) -> datetime | None:
        """Until when it holds that alert back; None when it does not."""
        decided = self.decided
        if decided is None or self.ends is None or raised.priority == Priority.IMMEDIATE:
            return None
        about = (
            decided.order_id == raised.order_id if decided.order_id else self.force == raised.force
        )
        concerned = about and raised.condition in decided.conditions
        return self.ends if concerned and decided.begins <= at < self.ends else None

    def apply(self, recorded: RecordedEvent) -> None:
        if isinstance(recorded.event, SuppressionDecided):
            self.decided, self.ends = recorded.event, recorded.event.ends
            self.force = recorded.envelope.force
        elif isinstance(recorded.event, SuppressionEnded):
            self.ends = recorded.envelope.recorded_at


def _check(wish: Wish, hand: Hand) -> None:
    if not hand.supervises:
        raise refused_at_desk("SUPERVISOR_NEEDED")
    if not wish.reason.strip():
        raise refused_at_desk("REASON_NEEDED")
    if not wish.conditions:
        raise refused_at_desk("SUPPRESSION_NAMES_NO_TERM")
    if not timedelta(0) < wish.lasts <= LONGEST[wish.kind]:
        raise refused_at_desk("SUPPRESSION_TOO_LONG")
    if wish.kind is SuppressionKind.RULE_DISABLED and wish.seconded_by in (None, hand.staff):
        raise refused_at_desk("SECOND_PERSON_NEEDED")
    themes = {TAXONOMY[code].theme for code in wish.conditions if code in TAXONOMY}
    if wish.kind is SuppressionKind.CUSTODY and themes & {Theme.CONTACT, Theme.ONLINE}:
        raise refused_at_desk("CUSTODY_NEVER_HOLDS_CONTACT")
