"""The words in which `what-if` answers: positions and alerts as plain values."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.alerts import ALERT_CLASS, AlertClass, AlertRaised, ArrestAlert
from domain.calendar import last_day_of_years, legal_day
from domain.facts.court import FullOrderGranted
from domain.findings import DutyKind
from domain.notification import Duty
from domain.offences import MAX_INDICTMENT_YEARS, max_summary_months
from domain.position import Position
from domain.vocabulary import Statement
from spowatch.offence_answer import offence_answer

ACKNOWLEDGE_WITHIN = timedelta(minutes=5)
"""Force policy: an arrest alert not acknowledged by then goes to the supervisor."""

_ON_RECORD = (AlertClass.ARREST, AlertClass.REVIEW)


def answer(
    position: Position, alerts: Collection[ArrestAlert], known: Sequence[Statement]
) -> dict[str, Any]:
    """What is said of one order; what stands of all the person's orders is `standing`."""
    said: dict[str, Any] = {
        "status": position.status,
        "in_force": position.in_force,
        "facets": position.facets,
        "warnings": position.warnings,
        "computed": _computed(position, known),
        "alert_count": len(_open(alerts)),
        "history": [_past(raised) for raised in _raised(alerts) if _is_on_record(raised)],
        "escalation": _escalation(alerts, position.now),
        **_dapo_duties(position),
        **_maxima(position),
    }
    if position.history.died_at is not None:
        said["duties_all"] = "lapsed"
    return said


def standing(positions: Sequence[Position], alerts: Iterable[ArrestAlert]) -> dict[str, Any]:
    """Duties, open alerts and the offence, over all of the person's orders."""
    owed = [duty for position in positions for duty in position.duties]
    return {
        "duties": [_duty(duty) for duty in sorted(owed, key=lambda duty: duty.window.first_day)],
        "alerts": _open(alerts),
        "offence": offence_answer(positions),
    }


def _raised(alerts: Iterable[ArrestAlert]) -> Iterator[AlertRaised]:
    return (alert.raised for alert in alerts if alert.raised is not None)


def _open(alerts: Iterable[ArrestAlert]) -> list[str]:
    alerts = list(alerts)
    codes = [raised.code for raised in _raised(a for a in alerts if a.withdrawn is None)]
    codes += [alert.notice for alert in alerts if alert.notice is not None]
    return [str(code) for code in codes]


def _escalation(alerts: Iterable[ArrestAlert], now: datetime) -> str | None:
    raised = list(_raised(alert for alert in alerts if alert.withdrawn is None))
    if any(alert.repeats_24h for alert in raised):
        return "repeat_within_24h"
    if any(alert.repeats_7d for alert in raised):
        return "repeat_within_7d"
    if any(alert.repeats_30d for alert in raised):
        return "repeat_within_30d"
    arrests = (alert for alert in raised if ALERT_CLASS[alert.code] is AlertClass.ARREST)
    waiting = any(alert.raised_at + ACKNOWLEDGE_WITHIN <= now for alert in arrests)
    return "supervisor" if waiting else None


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


def _computed(position: Position, known: Sequence[Statement]) -> dict[str, str]:
    computed = {}
    made = max(
        (
            (statement.t, statement.fact.made_on or legal_day(statement.t))
            for statement in known
            if isinstance(statement.fact, FullOrderGranted)
        ),
        default=None,
    )
    years = position.history.regime.minimum_years
    if made is not None and years is not None:
        earliest = last_day_of_years(made[1], years)
        computed["earliest_valid_last_day"] = earliest.isoformat()
    latest = position.latest_order
    if latest is not None and latest.period_end is not None:
        computed["expires_utc"] = utc(latest.period_end)
    return computed


def _is_on_record(raised: AlertRaised) -> bool:
    """Whether disclosure would ask for it: every arrest or review alert ever raised."""
    return ALERT_CLASS[raised.code] in _ON_RECORD


def _past(raised: AlertRaised) -> str:
    """The alert as it was raised; with its instant when the clock raised it."""
    by_the_clock = raised.code.startswith("MISSED_")
    return f"{raised.code}@{utc(raised.due_at)}" if by_the_clock else str(raised.code)


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
