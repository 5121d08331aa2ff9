"""What may be done about an alert, by whom, and what the clock does when nobody does anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.alerts import Priority
from domain.desk import events as said
from domain.desk.closing import check_answers, check_outcome, check_telling
from domain.desk.hands import Hand
from domain.desk.outcomes import OUTCOMES_VERSION, OutcomeCode
from domain.desk.policies import EscalationPolicy
from domain.desk.record import AlertOnRecord
from domain.desk.refusals import refused_at_desk
from domain.events import Envelope, RecordedEvent, done_at


@dataclass(slots=True)
class AlertCase(AlertOnRecord):
    """One alert on the desk; it writes to the alert's own stream.

    What the clock brings is recorded by `advance`, once, with the instant it was due: at every
    instant an open alert has an owner or a running escalation. Whatever people do, the clock comes
    first: a lease that ran out is over, whether or not a sweep has looked.
    """

    def advance(self, now: datetime) -> list[RecordedEvent]:
        """Record what time has brought up to and including `now`, in the order it came; the news."""
        news = []
        while due := min(self.pending(), key=lambda each: each[0], default=None):
            if due[0] > now:
                break
            news.append(self._record(due[1], self._aside(now)))
        return news

    def hold(self, suppression: UUID, until: datetime, now: datetime) -> None:
        """By that decision nobody is told of it until then. Priority 1 is never held."""
        begun = self.escalation.policy is not None
        if self.open and not begun and self.priority != Priority.IMMEDIATE and until > now:
            self._record(said.AlertHeld(suppression=suppression, until=until), self._aside(now))

    def has(self, staff: str, now: datetime) -> bool:
        """Whether it is that person's at `now`, be it that no sweep has looked at its lease yet."""
        return self.open and self.ownership.owner_at(now) == staff

    def release(self, suppression: UUID, now: datetime) -> bool:
        """That decision was ended: people are told from now on. Whether it held this one."""
        until = self.holding.until
        held = self.holding.by == suppression and until is not None and now < until
        if not self.open or not held:
            return False
        self._record(said.AlertHeld(suppression=suppression, until=now), self._aside(now))
        return True

    # What people do.

    def present(self, hand: Hand, now: datetime) -> None:
        """It was painted on a board; recorded the first time alone."""
        if self.open and self.presented_at is None:
            self._record(said.AlertPresented(), hand.envelope(now, self.subject_id))

    def resound(self, because_of: UUID, priority: int, now: datetime) -> bool:
        """The person broke an order again: whoever has this alert must take it again.

        It is at least as urgent as the new breach. Whether it sounds: once for each further alert.
        """
        if not self.open or because_of in self.resounded:
            return False
        self.advance(now)
        again = said.AlertResounded(because_of=because_of, priority=min(priority, self.priority))
        self._record(again, self._aside(now))
        self.advance(now)
        return True

    def acknowledge(self, hand: Hand, now: datetime) -> None:
        """Take it, or keep it on. A role the policy also waits for seconds whoever has it."""
        policy = self._opened(hand, now)
        if self.ownership.staff not in (None, hand.staff):
            seconded = self.escalation.seconded(hand)
            if seconded is not None:
                self._record(seconded, hand.envelope(now, self.subject_id))
                return
        self._record(
            self.ownership.taken(hand, now, policy.lease), hand.envelope(now, self.subject_id)
        )

    def grade(self, hand: Hand, now: datetime, *, priority: int, reason: str) -> None:
        """Anybody may raise its priority; a supervisor may lower it."""
        self._opened(hand, now)
        _with_a_reason(reason)
        if priority > self.priority and not hand.supervises:
            raise refused_at_desk("LOWERED_WITHOUT_SUPERVISOR")
        if priority == self.priority:
            return
        graded = said.AlertGraded(priority=priority, reason=reason)
        self._record(graded, hand.envelope(now, self.subject_id))
        self.advance(now)

    def task(self, hand: Hand, now: datetime, *, unit: str, incident: str) -> None:
        """A unit is sent. Progress: the lease begins anew."""
        until = now + timedelta(seconds=self._owned(hand, now).lease)
        tasked = said.AlertTasked(unit=unit, incident=incident, lease_until=until)
        self._record(tasked, hand.envelope(now, self.subject_id))

    def attend(self, hand: Hand, now: datetime, *, unit: str) -> None:
        until = now + timedelta(seconds=self._owned(hand, now).lease)
        self._record(
            said.UnitAttending(unit=unit, lease_until=until), hand.envelope(now, self.subject_id)
        )

    def tell(self, hand: Hand, now: datetime, *, how: str, reached: bool) -> None:
        """The protected person was told, or could not be reached."""
        self._opened(hand, now)
        told = said.ProtectedPersonTold(how=how, told_at=now)
        self._record(
            told if reached else said.ProtectedPersonTried(how=how),
            hand.envelope(now, self.subject_id),
        )

    def conclude(
        self,
        hand: Hand,
        now: datetime,
        outcome: OutcomeCode,
        *,
        reference: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Say what came of it. What is left is paperwork, with a lease of its own."""
        policy = self._owned(hand, now)
        withdrawn = self.withdrawn is not None
        check_outcome(outcome, hand, reference=reference, reason=reason, withdrawn=withdrawn)
        concluded = said.OutcomeRecorded(
            outcome=outcome,
            list_version=OUTCOMES_VERSION,
            reference=reference,
            reason=reason,
            lease_until=now + timedelta(seconds=policy.paperwork),
        )
        self._record(concluded, hand.envelope(now, self.subject_id))

    def review(self, hand: Hand, now: datetime, *, comment: str | None = None) -> None:
        self._opened(hand, now)
        if not hand.supervises:
            raise refused_at_desk("SUPERVISOR_NEEDED")
        self._concluded()
        self._record(said.AlertReviewed(comment=comment), hand.envelope(now, self.subject_id))

    def close(
        self,
        hand: Hand,
        now: datetime,
        answers: Sequence[said.Answered] = (),
        *,
        not_told_because: str | None = None,
    ) -> None:
        """Nobody has to look at it again: every question answered, the protected person told."""
        self._opened(hand, now)
        if not hand.supervises:
            self.ownership.must_be(hand)
        outcome = self._concluded()
        check_answers(self.alert_class, outcome, answers)
        check_telling(self.telling, outcome, hand, not_told_because=not_told_because)
        closed = said.AlertClosed(answers=tuple(answers), not_told_because=not_told_because)
        self._record(closed, hand.envelope(now, self.subject_id))

    def reopen(self, hand: Hand, now: datetime, *, reason: str) -> None:
        if self.raised is None or self.open:
            raise refused_at_desk("ALERT_NOT_CLOSED")
        self._of_this_force(hand)
        _with_a_reason(reason)
        self._record(said.AlertReopened(reason=reason), hand.envelope(now, self.subject_id))

    # Passing it on.

    def offer(self, hand: Hand, now: datetime, *, to_force: str, reason: str) -> None:
        """Ask another force to take it over; it stays ours until they accept."""
        policy = self._owned(hand, now)
        if to_force == self.force:
            raise refused_at_desk("ALREADY_WITH_THIS_FORCE")
        within = policy.answer_transfer_within
        offered = self.transfer.offered(to_force, self.priority, reason, now, within)
        self._record(offered, hand.envelope(now, self.subject_id))

    def accept(self, hand: Hand, now: datetime, *, priority: int) -> None:
        """Take it over from another force, at the higher of the two priorities."""
        policy = self._policy(now)
        offer = self.transfer.to_be_answered_by(hand)
        accepted = said.TransferAccepted(
            staff=hand.staff,
            duty=hand.role,
            force=hand.force,
            priority=min(priority, offer.priority, self.priority),
            lease_until=now + timedelta(seconds=policy.lease),
        )
        self._record(accepted, hand.envelope(now, self.subject_id))
        self.advance(now)

    def reject(self, hand: Hand, now: datetime, *, reason: str) -> None:
        self._policy(now)
        self.transfer.to_be_answered_by(hand)
        _with_a_reason(reason)
        self._record(said.TransferRejected(reason=reason), hand.envelope(now, self.subject_id))

    def hand_over(self, hand: Hand, now: datetime, *, left_by: str) -> None:
        """`hand` takes it by name at the change of shifts; `domain.desk.handovers` says when.

        Whoever leaves may have lost it since the hand-over was prepared: then its new owner keeps it.
        """
        policy = self._opened(hand, now)
        if self.ownership.staff not in (None, left_by, hand.staff):
            raise refused_at_desk("OWNED_BY_ANOTHER")
        until = now + timedelta(seconds=policy.lease)
        handed = said.AlertHandedOver(staff=hand.staff, duty=hand.role, lease_until=until)
        self._record(handed, hand.envelope(now, self.subject_id))

    # What may be done at all.

    def _policy(self, now: datetime) -> EscalationPolicy:
        """Raises `Refused` when there is no such alert, or it is closed."""
        if self.raised is None:
            raise refused_at_desk("NO_SUCH_ALERT")
        self.advance(now)
        if not self.open:
            raise refused_at_desk("ALERT_IS_CLOSED", reference=self.raised.reference)
        return self.escalation.policy or self._policy_now

    def _opened(self, hand: Hand, now: datetime) -> EscalationPolicy:
        policy = self._policy(now)
        self._of_this_force(hand)
        return policy

    def _owned(self, hand: Hand, now: datetime) -> EscalationPolicy:
        policy = self._opened(hand, now)
        self.ownership.must_be(hand)
        return policy

    def _of_this_force(self, hand: Hand) -> None:
        if not self.is_for(hand.force):
            raise refused_at_desk("OF_ANOTHER_FORCE")

    def _concluded(self) -> said.OutcomeRecorded:
        if self.outcome is None:
            raise refused_at_desk("OUTCOME_NEEDED")
        return self.outcome

    def _aside(self, now: datetime) -> Envelope:
        return done_at(
            now, actor="clock", role="desk", force=self.force, subject_id=self.subject_id
        )


def _with_a_reason(reason: str) -> None:
    if not reason.strip():
        raise refused_at_desk("REASON_NEEDED")
