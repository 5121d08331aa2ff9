"""People, clocks and accidents at random on one alert, and what must hold whatever they do."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid5

from domain.alerts import AlertCode, AlertRaised, AlertWithdrawn
from domain.desk.case import AlertCase
from domain.desk.events import Answered, EscalationStepFired, LeaseRanOut, TellingOverdue
from domain.desk.hands import DeskRole, Hand
from domain.desk.outcomes import ASKED, OUTCOMES, OutcomeCode
from domain.desk.policies import STANDARD
from domain.desk.record import Stage
from domain.events import Envelope
from domain.findings import WithdrawalReason
from domain.refusals import Refused

START = datetime(2026, 3, 28, 22, tzinfo=UTC)
FORCES = ("Kent", "Essex")
_NAMESPACE = UUID(int=7)


class Violation(AssertionError):
    """Something that must never be so."""


@dataclass
class Play:
    """One alert in the hands of several people who do whatever occurs to them."""

    rng: Random
    number: int = 0
    now: datetime = START
    seen: Counter[str] = field(default_factory=Counter)
    case: AlertCase = field(init=False)

    def __post_init__(self) -> None:
        self.case = AlertCase(uuid5(_NAMESPACE, str(self.number)))
        code = self.rng.choice(list(AlertCode))
        priority = self.rng.randint(1, 4)
        raised = AlertRaised(
            code=code,
            rule="rule.v1",
            cause=UUID(int=1),
            order_id=UUID(int=2),
            reference="KENT-1",
            force="Kent",
            priority=priority,
            due_at=self.now,
            raised_at=self.now,
        )
        self.case._record(raised, self._envelope())
        self.case.policies = dict.fromkeys(range(1, 5), self.rng.choice(list(STANDARD.values())))
        if self.rng.random() < 0.2:
            self.case.hold(UUID(int=8), self.now + timedelta(hours=2), self.now)
        self.case.advance(self.now)

    def step(self) -> None:
        """One thing happens, allowed or not; then everything that must hold is looked at."""
        offered = self.case.transfer.offer is not None and self.rng.random() < 0.3
        act = self.rng.choice((_accept, _reject, _offer) if offered else _ACTS)
        try:
            act(self, self._hand())
            self.seen[act.__name__] += 1
        except Refused as refused:
            self.seen[refused.refusal.code] += 1
        self._pass_time()
        self._check()

    def _pass_time(self) -> None:
        """Mostly seconds, now and then a shift; the clock looks at once or only much later."""
        self.now += timedelta(
            seconds=self.rng.choice((0, 0, 0, 0.01, 1, 5, 20, 61, 400, 4_000, 90_000))
        )
        for news in self.case.advance(self.now):
            self.seen[type(news.event).__name__] += 1
            event = news.event
            if isinstance(event, EscalationStepFired | LeaseRanOut | TellingOverdue):
                _must(event.due_at <= news.envelope.recorded_at, "early")

    def _check(self) -> None:
        case = self.case
        change = case.next_change
        _must(change is None or change > self.now, "something due was left")
        if case.open:
            owned = case.ownership.staff is not None
            held = (
                case.holding.until is not None
                and self.now < case.holding.until
                and case.priority > 1
            )
            left = case.escalation._enough and case.priority > 1
            in_hand = owned or held or left or case.escalation.running
            _must(in_hand, "nobody has it and nobody is told")
            _must(not owned or case.ownership.lease_until is not None, "an owner without a lease")
        else:
            _must(change is None, "a clock runs on what is over")
        _must(1 <= case.priority <= 4, "priority")
        if case.stage is Stage.CLOSED:
            _must(case.outcome is not None, "closed without an outcome")

    def check_reading_back(self) -> None:
        """What was recorded, read back, is the same case."""
        events = self.case.collect_events()
        again = AlertCase(self.case.id)
        again.fold(events)
        _must(again == self.case, "read back it is another case")
        versions = [each.originator_version for each in events]
        _must(versions == list(range(1, len(events) + 1)), "versions with gaps")
        steps = [each.event for each in events if isinstance(each.event, EscalationStepFired)]
        _must(len({each.due_at for each in steps}) == len(steps), "a step fired twice")

    def _hand(self) -> Hand:
        """Often whoever has it, or somebody of the force that was asked to take it."""
        offer, owner = self.case.transfer.offer, self.case.ownership.staff
        force = self.case.force if self.rng.random() < 0.8 else self.rng.choice(FORCES)
        if offer is not None and self.rng.random() < 0.5:
            force = offer.to_force
        staff = f"{force[0]}{self.rng.randint(1, 3)}"
        if owner is not None and self.rng.random() < 0.6:
            staff = owner
        return Hand(staff, self.rng.choice(list(DeskRole)), force, "T1")

    def _envelope(self) -> Envelope:
        return Envelope(occurred_at=self.now, recorded_at=self.now, entered_at=self.now)


def _must(holds: object, claim: str) -> None:
    if not holds:
        raise Violation(claim)


def _present(play: Play, hand: Hand) -> None:
    play.case.present(hand, play.now)


def _acknowledge(play: Play, hand: Hand) -> None:
    before = play.case.ownership.staff
    play.case.acknowledge(hand, play.now)
    _must(play.case.ownership.staff in {before, hand.staff}, "taken by a third")
    _must(before in {None, play.case.ownership.staff}, "taken away by acknowledging")


def _grade(play: Play, hand: Hand) -> None:
    before = play.case.priority
    play.case.grade(hand, play.now, priority=play.rng.randint(1, 4), reason=_words(play))
    _must(play.case.priority <= before or hand.supervises, "lowered by no supervisor")


def _task(play: Play, hand: Hand) -> None:
    play.case.task(hand, play.now, unit="KA12", incident="1-2")
    _must(play.case.ownership.staff == hand.staff, "tasked by no owner")


def _attend(play: Play, hand: Hand) -> None:
    play.case.attend(hand, play.now, unit="KA12")


def _tell(play: Play, hand: Hand) -> None:
    play.case.tell(hand, play.now, how="telephone", reached=play.rng.random() < 0.5)


def _conclude(play: Play, hand: Hand) -> None:
    outcome = play.rng.choice(list(OutcomeCode))
    reference = play.rng.choice((None, "REF-1"))
    reason = play.rng.choice((None, " ", "said why"))
    play.case.conclude(hand, play.now, outcome, reference=reference, reason=reason)
    needs = OUTCOMES[outcome]
    _must(not needs.supervisor or hand.supervises, "concluded by no supervisor")
    _must(not needs.reference or reference, "concluded without its reference")


def _review(play: Play, hand: Hand) -> None:
    play.case.review(hand, play.now)


def _close(play: Play, hand: Hand) -> None:
    asked = ASKED[play.case.alert_class]
    some = asked if play.rng.random() < 0.7 else asked[:1]
    answers = [Answered(question=each, yes=True, reference="C-1") for each in some]
    why_not = play.rng.choice((None, "no safe way"))
    owed = play.case.telling.open
    play.case.close(hand, play.now, answers, not_told_because=why_not)
    _must(not owed or why_not or play.case.outcome, "closed without telling")
    _must(not play.case.open, "closed and open")


def _reopen(play: Play, hand: Hand) -> None:
    play.case.reopen(hand, play.now, reason=_words(play))
    _must(play.case.open, "reopened and not open")


def _offer(play: Play, hand: Hand) -> None:
    owner = play.case.ownership.staff
    play.case.offer(hand, play.now, to_force=play.rng.choice(FORCES), reason=_words(play))
    _must(play.case.ownership.staff == owner, "lost by offering it")


def _accept(play: Play, hand: Hand) -> None:
    before = play.case.priority
    play.case.accept(hand, play.now, priority=play.rng.randint(1, 4))
    _must(play.case.priority <= before, "lowered on transfer")
    _must(play.case.force == hand.force, "accepted for another force")


def _reject(play: Play, hand: Hand) -> None:
    play.case.reject(hand, play.now, reason=_words(play))


def _hand_over(play: Play, hand: Hand) -> None:
    before, left_by = play.case.ownership.staff, play.rng.choice(("K1", "K2", "E1"))
    play.case.hand_over(hand, play.now, left_by=left_by)
    _must(play.case.ownership.staff == hand.staff, "handed over to nobody")
    _must(before in {None, left_by, hand.staff}, "taken from a third by hand-over")


def _resound(play: Play, _: Hand) -> None:
    due = play.case.escalation.next_due
    before = play.case.priority
    priority = play.rng.randint(1, 4)
    play.case.resound(UUID(int=play.rng.getrandbits(64)), priority, play.now)
    _must(not play.case.open or play.case.priority == min(priority, before), "not raised")
    later = play.case.escalation.next_due
    _must(due is None or (later is not None and later <= due), "put off by a new breach")


def _withdraw(play: Play, _: Hand) -> None:
    if play.case.withdrawn is None and play.rng.random() < 0.1:
        gone = AlertWithdrawn(reason=WithdrawalReason.LATE_KNOWLEDGE, cause=UUID(int=3))
        play.case._record(gone, play._envelope())


def _nothing(_: Play, __: Hand) -> None:
    pass


def _words(play: Play) -> str:
    return play.rng.choice(("", "because"))


_ACTS: tuple[Callable[[Play, Hand], None], ...] = (
    _present,
    _acknowledge,
    _acknowledge,
    _acknowledge,
    _grade,
    _task,
    _attend,
    _tell,
    _conclude,
    _conclude,
    _review,
    _close,
    _close,
    _reopen,
    _offer,
    _accept,
    _reject,
    _hand_over,
    _resound,
    _withdraw,
    _nothing,
    _nothing,
)


def played(seed: int, steps: int, each: int = 60) -> Counter[str]:
    """So many steps on alert after alert; what came of them. Raises `Violation`."""
    rng = Random(seed)
    seen: Counter[str] = Counter()
    for number in range(steps // each):
        play = Play(rng, number)
        for _ in range(each):
            play.step()
        play.check_reading_back()
        seen += play.seen
    return seen
