"""Records one fact given at a keyboard, the way a facts file would state it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from consumers.alert_rules import Demand, demands
from domain.alerts import alert_id
from domain.commands import Answer
from domain.dossier import order_id
from domain.facts import Fact
from domain.facts.breaches import REPORTS, BreachReported
from domain.orders import StalkingProtectionOrder
from domain.refusals import REFUSALS, refused
from domain.register import OrderRegister
from domain.submissions import opens_a_record
from domain.vocabulary import UnreadableFact, read_instant
from spowatch.facts_file import Line
from spowatch.importing import import_line
from spowatch.wording.plain_words import said, title


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact as somebody enters it: its type, the order, and its values as in a facts file."""

    kind: type[Fact]
    reference: str
    fact: dict[str, Any]
    person: str | None = None
    at_version: int | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """What came of an entry: the fact as it was stated, and the answer."""

    fact: dict[str, Any]
    answer: Answer


def enter(entry: Stated, register: OrderRegister, *, now: datetime) -> dict[str, Any]:
    """State it on the register, and say what came of it. Raises as `stated`."""
    came = stated(entry, register, now=now)
    return _in_words(entry, came, register.order_by_id(order_id(entry.reference)))


def stated(
    entry: Stated, register: OrderRegister, *, now: datetime, rehearsal: bool = False
) -> Came:
    """State it on the register; a rehearsal decides and saves nothing.

    Raises `UnreadableFact` when it cannot be read, `Refused` when there is no such order,
    `OrderChanged` when the order is at another version.
    """
    # Anything else on a reference nobody knows is a slip of the pen: a file of older records may leave
    # out what came before, a person at a keyboard may not.
    if not opens_a_record(entry.kind) and not register.knows(entry.reference):
        raise refused("UNKNOWN_ORDER")
    fact = _timed(entry, now)
    if not (
        _names_a_force(fact) or issubclass(entry.kind, REPORTS) or register.knows(entry.reference)
    ):
        raise UnreadableFact("force", "is missing", "name the force the order belongs to")
    case = {"given": [fact], "order": entry.reference, "person": entry.person}
    case["force"] = fact.get("force")
    given = {key: value for key, value in case.items() if value is not None}
    line = Line(1, case=given)
    outcome = import_line(line, register, now=now, dry_run=rehearsal, at_version=entry.at_version)
    if outcome.error is not None:
        raise outcome.error
    return Came(fact, outcome.answers[-1])


def _names_a_force(fact: dict[str, Any]) -> bool:
    """Its own, or the applicant's."""
    return bool(fact.get("force") or fact["data"].get("force"))


def _timed(entry: Stated, now: datetime) -> dict[str, Any]:
    """What happened earlier and is entered now became known now, unless the entry says when.

    Otherwise a service entered a week late would raise an arrest alert, not a review, though nobody
    could have seen the window close. A report of a breach is dated by when it was reported already.
    """
    fact = {"t": now.isoformat(), "type": entry.kind.__name__, **entry.fact}
    data = dict(fact.get("data", {}))
    if "recorded_at" not in data and entry.kind is not BreachReported:
        known = max(now, read_instant("--at", fact["t"]))
        data["recorded_at"] = known.isoformat()
    return fact | {"data": data}


def _in_words(entry: Stated, came: Came, order: StalkingProtectionOrder) -> dict[str, Any]:
    fact, answer = came.fact, came.answer
    refusal = None if answer.refused_as is None else REFUSALS[answer.refused_as]
    return {
        "order": entry.reference,
        "fact": entry.kind.__name__,
        "what": title(entry.kind.__name__),
        "t": fact["t"],
        "happened": said(read_instant("t", fact["data"].get("occurred_at", fact["t"]))),
        "position": answer.position,
        "version": answer.version,
        "event_ids": [str(event) for event in answer.event_ids],
        "repeated": answer.repeated,
        "history_assumed": order.history_assumed,
        "code": None if refusal is None else refusal.code,
        "section": None if refusal is None else refusal.section,
        "reason": None if refusal is None else refusal.sentence,
        "alerts": [
            {"id": str(each), "kind": str(demand.code), "priority": int(demand.priority)}
            for each, demand in alerts_to_come(answer.event_ids, order)
        ],
    }


def alerts_to_come(
    events: Collection[UUID], order: StalkingProtectionOrder
) -> list[tuple[UUID, Demand]]:
    """What the arrest desk raises on the findings those facts led to, by the ids they will have."""
    return [
        (alert_id(found.event_id, demand.rule), demand)
        for found in order.standing.values()
        if found.envelope.causation_id in events
        for demand in demands(found, order)
    ]
