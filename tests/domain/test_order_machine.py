"""Any life of an order: facts lawful and not, late and corrected, while time passes."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.events import RecordedEvent
from domain.findings import (
    BreachJudgement,
    BreachRecorded,
    Finding,
    FindingWithdrawn,
    MissJudgement,
    NotificationMissed,
)
from domain.history import History
from domain.notification import DutyState
from domain.orders import StalkingProtectionOrder
from domain.vocabulary import Statement, read_statement
from tests.given_when_then import APPLIED, GRANTED, INTERIM, SERVED, Story, at, opened

START = at("2026-11-02 12:00")
AHEAD = st.timedeltas(timedelta(0), timedelta(days=20))
AGO = st.timedeltas(timedelta(0), timedelta(days=12))
TERMS = st.sampled_from(["P-CONTACT-DIRECT", "P-ZONE-DIST", "P-SEARCH"])

PLAIN = st.sampled_from(
    [
        "ApplicationRefused",
        "ApplicationWithdrawn",
        "InterimDischarged",
        "InterimExpired",
        "OrderExpired",
        "OrderDischarged",
        "VariedTermsServed",
        "OrderPosted",
        "CustodyStarted",
        "CustodyEnded",
        "HospitalDetentionStarted",
        "HospitalDetentionEnded",
        "LeftUnitedKingdom",
        "ReturnedToUnitedKingdom",
        "SOA2003NotificationStarted",
        "BiometricsRequested",
        "BiometricsRefused",
        "HomeAddressCeased",
        "BreachRetracted",
        "DAPOMade",
    ]
)
WITH_DATA: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.tuples(
        st.just("OrderServed"),
        st.fixed_dictionaries(
            {
                "order_kind": st.sampled_from(["interim", "full"]),
                "method": st.sampled_from(["in_person", "in_court", "post_deemed"]),
            }
        ),
    ),
    st.tuples(
        st.just("NotificationReceived"),
        st.fixed_dictionaries(
            {
                "method": st.sampled_from(["in_person_oral", "telephone"]),
                "station_area": st.sampled_from(["home_address_area", "other_area"]),
                "names": st.sampled_from([["Robin Marsh"], ["Alex Moor"], []]),
            }
        ),
    ),
    st.tuples(
        st.just("NameUsed"),
        st.fixed_dictionaries({"name": st.sampled_from(["Alex Moor", "Robin Marsh"])}),
    ),
    st.tuples(st.just("HomeAddressChanged"), st.just({"to": "9 Elm Row"})),
    st.tuples(
        st.just("NotificationFoundFalse"),
        st.fixed_dictionaries({"knowledge": st.sampled_from(["known_false", "mistake"])}),
    ),
    st.tuples(st.just("OrderVaried"), st.just({"removes": ["P-CONTACT-DIRECT"]})),
    st.tuples(
        st.just("OrderVaried"),
        st.just({"adds": [{"code": "P-SEARCH"}], "necessity_found": True}),
    ),
    st.tuples(st.just("OrderRenewed"), st.just({"last_day": "2029-01-31"})),
    st.tuples(st.just("InterimRenewed"), st.just({"last_day": "2026-12-31"})),
    st.tuples(st.just("FullOrderGranted"), st.just({"until": "further_order"})),
    st.tuples(st.just("FullOrderGranted"), st.just({"last_day": "2028-12-31"})),
    st.tuples(
        st.just("AppealLodged"),
        st.fixed_dictionaries(
            {
                "by": st.just("defendant"),
                "against": st.sampled_from(["making_full", "making_interim"]),
            }
        ),
    ),
    st.tuples(st.just("AppealAllowed"), st.just({"effect": "order_quashed"})),
)


def stated(instant: datetime, kind: str, data: dict[str, Any]) -> Statement:
    return read_statement({"t": instant.isoformat(), "type": kind, "data": data})


class OrderMachine(RuleBasedStateMachine):
    """Tells an order whatever may be told, and watches that what it concludes can be answered for."""

    def __init__(self) -> None:
        super().__init__()
        order = opened()
        self.written: list[RecordedEvent] = order.collect_events()
        self.story = Story(order, now=START)
        self.told: list[Statement] = []

    @initialize(made=st.sampled_from([(GRANTED, SERVED), (GRANTED,), (INTERIM,), ()]))
    def apply_for_it(self, made: tuple[Statement, ...]) -> None:
        for statement in (APPLIED, *made):
            self._tell(statement)

    @rule(ahead=AHEAD)
    def time_passes(self, ahead: timedelta) -> None:
        self._hear(self.story.when(self.story.now + ahead))

    @rule(kind=PLAIN, ago=AGO)
    def something_happens(self, kind: str, ago: timedelta) -> None:
        self._tell_late(kind, {}, ago)

    @rule(told=WITH_DATA, ago=AGO)
    def something_is_said(self, told: tuple[str, dict[str, Any]], ago: timedelta) -> None:
        self._tell_late(*told, ago)

    @rule(
        condition=TERMS,
        ago=AGO,
        incident=st.sampled_from([None, "INC-1"]),
        place=st.sampled_from([None, "Dover", "Glasgow", "Alicante"]),
    )
    def a_breach_is_reported(
        self, condition: str, ago: timedelta, incident: str | None, place: str | None
    ) -> None:
        occurred = (self.story.now - ago).isoformat()
        data: dict[str, Any] = {"condition": condition, "occurred_at": occurred}
        data |= {"incident": incident, "place": place}
        self._tell(stated(self.story.now, "BreachReported", data))

    @rule(ago=AGO, evidence=st.sampled_from([None, "signed for"]))
    def service_is_corrected(self, ago: timedelta, evidence: str | None) -> None:
        data = {"served_at": (self.story.now - ago).isoformat(), "evidence": evidence}
        self._tell(stated(self.story.now, "ServiceCorrected", data))

    @rule(ago=AGO)
    @precondition(lambda self: len(self.told) > 12)
    def he_dies(self, ago: timedelta) -> None:
        self._tell_late("DefendantDied", {}, ago)

    @rule(data=st.data())
    @precondition(lambda self: self.told)
    def the_same_is_told_again(self, data: st.DataObject) -> None:
        version, facts = self.story.order.version, len(self.story.order.facts)
        again = data.draw(st.sampled_from(self.told))
        self._hear(self.story.when(again))
        assert len(self.story.order.facts) == facts
        assert self.story.order.version == version

    @invariant()
    def read_back_it_is_the_same(self) -> None:
        again = StalkingProtectionOrder(self.story.order.id)
        again.fold(self.written)
        again.advance(self.story.now, entered_at=self.story.now)
        assert not again.collect_events()
        assert again.standing == self.story.order.standing
        assert again.withdrawn == self.story.order.withdrawn
        assert again.position(self.story.now) == self.story.position()

    @invariant()
    def no_place_is_left_out(self) -> None:
        versions = [entry.originator_version for entry in self.written]
        assert versions == list(range(1, self.story.order.version + 1))

    @invariant()
    def what_fell_is_kept(self) -> None:
        found = [entry for entry in self.written if isinstance(entry.event, Finding)]
        fell = [
            e.event.finding_version for e in self.written if isinstance(e.event, FindingWithdrawn)
        ]
        kept = [*self.story.order.standing.values(), *self.story.order.withdrawn]
        assert sorted(e.originator_version for e in kept) == [e.originator_version for e in found]
        assert [e.originator_version for e in self.story.order.withdrawn] == fell
        assert len(set(fell)) == len(fell)

    @invariant()
    def nobody_is_arrested_without_an_order_they_knew_of(self) -> None:
        history = self.story.position().history
        for entry in self.story.order.standing.values():
            match entry.event:
                case BreachRecorded(judgement=BreachJudgement.ARREST) as breach:
                    reported = self._fact(breach.report_version)
                    assert _bound(history, reported.envelope.occurred_at)
                case NotificationMissed(judgement=MissJudgement.ARREST) as missed:
                    assert _bound(history, missed.due_at - timedelta(microseconds=1))

    @invariant()
    def nobody_is_arrested_for_a_duty_they_met(self) -> None:
        position = self.story.position()
        if position.history.died_at is not None:
            assert not self.story.order.standing
            return
        met = {duty.cause for duty in position.duties if duty.state is DutyState.MET}
        owed = {duty.cause for duty in position.duties if duty.missed}
        for entry in self.story.order.standing.values():
            if isinstance(entry.event, NotificationMissed):
                cause = entry.event.key.split(":")[2]
                assert cause in owed
                assert cause not in met - owed

    def _tell_late(self, kind: str, data: dict[str, Any], ago: timedelta) -> None:
        recorded = {"recorded_at": self.story.now.isoformat()}
        self._tell(stated(self.story.now - ago, kind, data | recorded))

    def _tell(self, statement: Statement) -> None:
        before = len(self.story.order.facts)
        self._hear(self.story.when(statement))
        if len(self.story.order.facts) > before:
            self.told.append(statement)

    def _hear(self, story: Story) -> None:
        self.written += story.heard

    def _fact(self, version: int) -> RecordedEvent:
        return next(f for f in self.story.order.facts if f.originator_version == version)


def _bound(history: History, instant: datetime) -> bool:
    """Whether an order ran then that had reached the person, or that they heard being made."""
    running = [order for order in history.orders if order.in_force_at(instant)]
    return any(
        o.defendant_present or o.served_by(instant) is not None for o in history.orders
    ) and (bool(running))


TestOrderMachine = OrderMachine.TestCase
TestOrderMachine.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, derandomize=True
)
