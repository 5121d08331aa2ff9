"""`what-if`: given these facts, as of this instant, what is the position? Touches no store.

It runs the aggregates, the rules of law and the alert rules of the live system on a clock that
jumps; there is no second implementation of anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from consumers.arrest_desk import apply_to
from domain.alerts import ALERT_CLASS, AlertClass, ArrestAlert
from domain.arranging import rank_of
from domain.calendar import LONDON, last_day_of_years, legal_day
from domain.dossier import NAMESPACE, Dossier
from domain.events import Envelope
from domain.facts.court import FullOrderGranted
from domain.findings import DutyKind
from domain.notification import Duty, DutyState
from domain.offences import MAX_INDICTMENT_YEARS, max_summary_months
from domain.orders import OrderOpened, StalkingProtectionOrder
from domain.position import Position
from domain.regimes import REGIMES, Regime
from domain.subjects import OF_THE_PERSON, Subject
from domain.vocabulary import Statement, UnreadableFact, read_instant, read_statement
from spowatch.assumed_history import assumed_history
from spowatch.offence_answer import offence_answer

ACKNOWLEDGE_WITHIN = timedelta(minutes=5)
"""Force policy: an arrest alert not acknowledged by then goes to the supervisor."""

_CASE_KEYS = frozenset({"id", "group", "regime", "title", "given", "as_of", "order", "person"})
_KEPT_BESIDE_A_CASE = frozenset({"expect", "legal_basis", "certainty", "note"})


def what_if(case: object) -> dict[str, Any]:
    """The position for one case. Raises `UnreadableFact` when the case cannot be read."""
    if not isinstance(case, dict):
        raise UnreadableFact("case", "is not an object", "write id, regime, given and as_of")
    for key in case:
        if key not in _CASE_KEYS | _KEPT_BESIDE_A_CASE:
            raise UnreadableFact(str(key)[:40], "unknown key", f"use {sorted(_CASE_KEYS)}")
    regime = REGIMES.get(case.get("regime", "EW-SPA-2019"))
    if regime is None:
        raise UnreadableFact("regime", "unknown", f"use one of {sorted(REGIMES)}")
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
        raise UnreadableFact(f"given[{index}].{error.field}", error.problem, error.remedy) from None


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
        for item in sorted(_with_assumed(by_order, self.regime), key=_as_known):
            self._state(item[0], item[1])
        self._advance(as_of)
        answer = self._answer(as_of, known)
        preview = self._at_deadline(as_of)
        if preview is not None:
            answer["at_deadline"] = preview
        return answer

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
            for recorded in order.collect_events():
                apply_to(self.alerts, recorded, order, recorded.envelope.recorded_at)

    def _answer(self, as_of: datetime, known: Sequence[Numbered]) -> dict[str, Any]:
        positions = {order.id: order.position(as_of) for order in self.orders.values()}
        position = next(iter(positions.values()))
        answer: dict[str, Any] = {
            "status": position.status,
            "in_force": position.in_force,
            "facets": position.facets,
            **self._standing(positions.values(), as_of),
            "rejected": self._rejected(as_of),
            "warnings": position.warnings,
            "computed": _computed(position, known),
            "alert_count": len(self._open()),
            "history": [_past(alert) for alert in self.alerts.values() if _of_record(alert)],
            "escalation": self._escalation(as_of),
            **_dapo_duties(position),
            **_maxima(position),
        }
        if position.history.died_at is not None:
            answer["duties_all"] = "lapsed"
        return answer

    def _standing(self, positions: Any, as_of: datetime) -> dict[str, Any]:
        positions = list(positions)
        owed = [duty for position in positions for duty in position.duties]
        return {
            "duties": [_duty(duty) for duty in sorted(owed, key=lambda d: d.window.first_day)],
            "alerts": self._open(),
            "offence": offence_answer(positions),
        }

    def _open(self) -> list[str]:
        standing = [alert.code for alert in self.alerts.values() if alert.withdrawn is None]
        notices = [alert.notice for alert in self.alerts.values() if alert.notice is not None]
        return [str(code) for code in (*standing, *notices)]

    def _rejected(self, as_of: datetime) -> list[dict[str, Any]]:
        codes = dict(self.rejected)
        for order in self.orders.values():
            for version, code in order.judged_codes(as_of).items():
                index = self.judged.get((order.id, version))
                if index is not None:
                    codes[index] = code
        return [{"event": index, "code": codes[index]} for index in sorted(codes)]

    def _escalation(self, as_of: datetime) -> str | None:
        standing = [alert for alert in self.alerts.values() if alert.withdrawn is None]
        raised = [alert.raised for alert in standing if alert.raised is not None]
        for count, answer in _REPEATS:
            if any(getattr(alert, count) for alert in raised):
                return answer
        waiting = any(
            ALERT_CLASS[alert.code] is AlertClass.ARREST
            and alert.raised_at is not None
            and alert.raised_at + ACKNOWLEDGE_WITHIN <= as_of
            for alert in standing
        )
        return "supervisor" if waiting else None

    def _at_deadline(self, as_of: datetime) -> dict[str, Any] | None:
        """What happens at the next deadline if nothing more becomes known."""
        deadlines = [
            duty.window.deadline
            for order in self.orders.values()
            for duty in order.position(as_of).duties
            if duty.state is DutyState.OPEN
        ]
        if not deadlines:
            return None
        deadline = min(deadlines)
        self._advance(deadline)
        positions = [order.position(deadline) for order in self.orders.values()]
        local = deadline.astimezone(LONDON).isoformat()
        return {"as_of": local, **self._standing(positions, deadline)}


_REPEATS = (
    ("repeats_24h", "repeat_within_24h"),
    ("repeats_7d", "repeat_within_7d"),
    ("repeats_30d", "repeat_within_30d"),
)


def _by_order(known: Sequence[Numbered]) -> dict[str, list[Numbered]]:
    """The statements by the order they name; those that name none go to the case's own order."""
    named = [
        item.statement.order or ""
        for item in sorted(known, key=lambda item: item.statement.t)
        if not isinstance(item.statement.fact, OF_THE_PERSON)
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


def _as_known(entry: tuple[str, Numbered]) -> tuple[datetime, datetime, int, str, str]:
    """The order in which facts became known; never the order of the lines."""
    reference, item = entry
    statement = item.statement
    return (
        statement.recorded_at,
        statement.t,
        rank_of(statement.fact),
        reference,
        statement.fact.model_dump_json(),
    )


def _duty(duty: Duty) -> dict[str, str]:
    return {
        "kind": str(duty.kind),
        "first_day": duty.window.first_day.isoformat(),
        "last_day": duty.window.last_day.isoformat(),
        "deadline_utc": utc(duty.window.deadline),
        "state": str(duty.state),
    }


def _dapo_duties(position: Position) -> dict[str, Any]:
    if not position.history.dapos:
        return {}
    dapo = [
        duty
        for duty in position.duties
        if duty.kind is DutyKind.DAPO_INITIAL or duty.cause.startswith("dapo")
    ]
    return {"dapo_duties": [_duty(duty) for duty in dapo]}


def _computed(position: Position, known: Sequence[Numbered]) -> dict[str, str]:
    computed = {}
    grants = [item.statement for item in known if isinstance(item.statement.fact, FullOrderGranted)]
    years = position.history.regime.minimum_years
    if grants and years is not None and isinstance(grants[-1].fact, FullOrderGranted):
        made_on = grants[-1].fact.made_on or legal_day(grants[-1].t)
        computed["earliest_valid_last_day"] = last_day_of_years(made_on, years).isoformat()
    latest = position.latest_order
    if latest is not None and latest.period_end is not None:
        computed["expires_utc"] = utc(latest.period_end)
    return computed


def _of_record(alert: ArrestAlert) -> bool:
    """Whether disclosure would ask for it: every arrest or review alert ever raised."""
    return ALERT_CLASS[alert.code] in (AlertClass.ARREST, AlertClass.REVIEW)


def _past(alert: ArrestAlert) -> str:
    """The alert as it was raised; with its instant when the clock raised it."""
    assert alert.raised is not None
    raised_by_the_clock = alert.code.startswith("MISSED_")
    return f"{alert.code}@{utc(alert.raised.due_at)}" if raised_by_the_clock else str(alert.code)


def _maxima(position: Position) -> dict[str, int]:
    history = position.history
    if history.offence_on is None or history.convicted_on is None:
        return {}
    general = max_summary_months(history.offence_on, history.convicted_on)
    return {
        "max_summary_months": history.regime.summary_months or general,
        "max_indictment_years": MAX_INDICTMENT_YEARS,
    }


def utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
