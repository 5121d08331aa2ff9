"""`what-if`: given these facts, as of this instant, what is the position? Touches no store.

It runs the aggregates, the rules of law and the alert rules of the live system on a clock that
jumps; there is no second implementation of anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from consumers.arrest_desk import apply_to
from consumers.on_other_orders import incidents_of
from domain.alerts import ArrestAlert
from domain.arranging import as_known
from domain.calendar import LONDON
from domain.dossier import NAMESPACE, Dossier
from domain.events import Envelope
from domain.notification import DutyState
from domain.orders import OrderOpened, StalkingProtectionOrder
from domain.position import Position
from domain.regimes import REGIMES, Regime
from domain.subjects import Subject, concerns_every_order
from domain.vocabulary import Statement, UnreadableFact, read_instant, read_statement
from spowatch.answers import answer, standing
from spowatch.assumed_history import assumed_history
from spowatch.case_fields import check_force, check_keys, regime_of, text_of


def what_if(case: object) -> dict[str, Any]:
    """The position for one case. Raises `UnreadableFact` when the case cannot be read."""
    if not isinstance(case, dict):
        raise UnreadableFact("case", "is not an object", "write id, regime, given and as_of")
    check_keys(case)
    regime = REGIMES[regime_of(case)]
    for key in ("order", "person"):
        text_of(case, key)
    check_force(text_of(case, "force"))
    given = case.get("given")
    if not isinstance(given, list):
        raise UnreadableFact("given", "is not a list", "list the facts")
    as_of = read_instant("as_of", case.get("as_of"))
    stated = [_numbered(index, raw) for index, raw in enumerate(given)]
    return {"id": case.get("id"), **Simulation(regime).run(stated, as_of)}


@dataclass(frozen=True, slots=True)
class Numbered:
    """A statement and its place in the list; None for what was assumed."""

    index: int | None
    statement: Statement


def _numbered(index: int, raw: object) -> Numbered:
    try:
        return Numbered(index, read_statement(raw))
    except UnreadableFact as error:
        where = f"given[{index}].{error.field}"
        raise UnreadableFact(where, error.problem, error.remedy) from None


@dataclass(slots=True)
class Simulation:
    """One person's orders and alerts, on a clock that jumps from fact to fact."""

    regime: Regime
    alerts: dict[UUID, ArrestAlert] = field(default_factory=dict)
    rejected: dict[int, str] = field(default_factory=dict)
    judged: dict[tuple[UUID, int], int] = field(default_factory=dict)
    dossier: Dossier = field(default_factory=lambda: Dossier(Subject(uuid5(NAMESPACE, "what-if"))))
    orders: dict[str, StalkingProtectionOrder] = field(default_factory=dict)

    def run(self, stated: Sequence[Numbered], as_of: datetime) -> dict[str, Any]:
        known = [item for item in stated if item.statement.recorded_at <= as_of]
        by_order = _by_order(known)
        for item in sorted(_with_assumed(by_order, self.regime), key=_in_turn):
            self._state(item[0], item[1])
        if not self.orders:
            self._order("", as_of)
        self._advance(as_of)
        answered = self._answer(as_of, [item.statement for item in known])
        preview = self._at_deadline(as_of)
        if preview is not None:
            answered["at_deadline"] = preview
        return answered

    def _state(self, reference: str, item: Numbered) -> None:
        statement = item.statement
        order = self._order(reference, statement.recorded_at)
        self._advance(statement.recorded_at)
        stated = self.dossier.state(statement, order, entered_at=statement.recorded_at)
        if item.index is not None and stated.recorded is not None:
            if stated.recorded.event is statement.fact:
                self.judged[order.id, stated.recorded.originator_version] = item.index
            elif stated.refusal is not None:
                self.rejected[item.index] = stated.refusal.code
        self._desk()

    def _order(self, reference: str, at: datetime) -> StalkingProtectionOrder:
        if reference not in self.orders:
            opened = OrderOpened(reference=reference, force="", regime=self.regime.name)
            envelope = Envelope(occurred_at=at, recorded_at=at, entered_at=at)
            self.orders[reference] = self.dossier.open(opened, envelope)
        return self.orders[reference]

    def _advance(self, to: datetime) -> None:
        for order in self.orders.values():
            order.advance(to, entered_at=to)
        self._desk()

    def _desk(self) -> None:
        for order in self.orders.values():
            others = [each for each in self.orders.values() if each is not order]
            for recorded in order.collect_events():
                besides = [incident for each in others for incident in incidents_of(each)]
                at = recorded.envelope.recorded_at
                apply_to(self.alerts, recorded, order, at, besides)

    def _answer(self, as_of: datetime, known: Sequence[Statement]) -> dict[str, Any]:
        positions = self._positions(as_of)
        return {
            **answer(positions[0], self.alerts.values(), known),
            **standing(positions, self.alerts.values()),
            "rejected": self._rejected(as_of),
        }

    def _positions(self, now: datetime) -> list[Position]:
        return [order.position(now) for order in self.orders.values()]

    def _rejected(self, as_of: datetime) -> list[dict[str, Any]]:
        codes = dict(self.rejected)
        for order in self.orders.values():
            for version, code in order.judged_codes(as_of).items():
                index = self.judged.get((order.id, version))
                if index is not None:
                    codes[index] = code
        return [{"event": index, "code": codes[index]} for index in sorted(codes)]

    def _at_deadline(self, as_of: datetime) -> dict[str, Any] | None:
        """What happens at the next deadline if nothing more becomes known."""
        deadlines = [
            duty.window.deadline
            for position in self._positions(as_of)
            for duty in position.duties
            if duty.state is DutyState.OPEN
        ]
        if not deadlines:
            return None
        deadline = min(deadlines)
        self._advance(deadline)
        then = standing(self._positions(deadline), self.alerts.values())
        return {"as_of": deadline.astimezone(LONDON).isoformat(), **then}


def _by_order(known: Sequence[Numbered]) -> dict[str, list[Numbered]]:
    """The statements by the order they name; those that name none go to the case's own order."""
    named = [
        item.statement.order or ""
        for item in sorted(known, key=lambda item: item.statement.t)
        if not concerns_every_order(item.statement)
    ]
    own = "" if "" in named or not named else named[0]
    grouped: dict[str, list[Numbered]] = {own: []}
    for item in known:
        grouped.setdefault(item.statement.order or own, []).append(item)
    return grouped


def _with_assumed(
    by_order: Mapping[str, list[Numbered]], regime: Regime
) -> Iterator[tuple[str, Numbered]]:
    for reference, items in by_order.items():
        for assumed in assumed_history([item.statement for item in items], regime):
            yield reference, Numbered(None, assumed)
        for item in items:
            yield reference, item


def _in_turn(entry: tuple[str, Numbered]) -> tuple[tuple[datetime, datetime, int, str], str]:
    reference, item = entry
    return as_known(item.statement), reference
