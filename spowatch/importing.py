"""Imports facts into the register: case by case, the good kept, every bad one named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.commands import Answer
from domain.dossier import order_id
from domain.facts.court import ApplicationMade
from domain.forces import find_force
from domain.refusals import REFUSALS
from domain.regimes import EW_SPA_2019, REGIMES
from domain.register import OrderRegister, Submission
from domain.vocabulary import Statement, UnreadableFact, read_statement
from spowatch.assumed_history import assumed_history, evidences_an_order
from spowatch.facts_file import Line

_CASE_KEYS = frozenset(
    {"id", "group", "regime", "title", "given", "as_of", "order", "person", "force"}
    | {"expect", "legal_basis", "certainty", "note"}
)
_FACT_KEYS = frozenset({"t", "type"})
LONGEST_NAME = 200
"""Characters in a reference."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one line: answers to its facts, or why it could not be read."""

    line: int
    reference: str = ""
    answers: Sequence[Answer] = ()
    error: UnreadableFact | None = None

    @property
    def refused(self) -> list[tuple[int, str]]:
        return [(i, a.refused_as) for i, a in enumerate(self.answers) if a.refused_as is not None]

    def report(self) -> Iterator[dict[str, Any]]:
        """One message for the line, and one for each fact of it that was refused."""
        if self.error is not None:
            yield {
                "line": self.line,
                "field": self.error.field,
                "reason": self.error.problem,
                "action": self.error.remedy,
            }
            return
        for index, code in self.refused:
            refusal = REFUSALS[code]
            yield {
                "line": self.line,
                "order": self.reference,
                "fact": index,
                "code": code,
                "section": refusal.section,
                "reason": refusal.sentence,
            }
        last = self.answers[-1] if self.answers else None
        yield {
            "line": self.line,
            "order": self.reference,
            "accepted": len(self.answers) - len(self.refused),
            "position": None if last is None else last.position,
            "version": None if last is None else last.version,
            "event_ids": [str(event) for answer in self.answers for event in answer.event_ids],
        }


def import_line(
    line: Line, register: OrderRegister, *, now: datetime, dry_run: bool = False
) -> Outcome:
    """State the facts of one line, in one transaction for each order it names."""
    if line.error is not None:
        return Outcome(line.number, error=line.error)
    try:
        submissions = list(read_case(line.case, register, now=now))
    except UnreadableFact as error:
        return Outcome(line.number, error=error)
    stated: list[Answer] = []
    for submission, assumed in submissions:
        answers = register.state(submission, entered_at=now, save=not dry_run)
        stated += answers[assumed:]
    return Outcome(line.number, submissions[0][0].reference, stated)


def read_case(
    case: object, register: OrderRegister, *, now: datetime
) -> Iterator[tuple[Submission, int]]:
    """The submissions a case holds, each with how many of its facts were assumed before it."""
    fields = _fields(case)
    statements = [_statement(index, raw, now) for index, raw in enumerate(fields["given"])]
    regime = _text(fields, "regime") or EW_SPA_2019.name
    if regime not in REGIMES:
        raise UnreadableFact("regime", "unknown", f"use one of {sorted(REGIMES)}")
    force = _force(_text(fields, "force"), statements)
    named = next((s.order for s in statements if s.order), None)
    own = _text(fields, "order") or named or _text(fields, "id")
    if own is None:
        raise UnreadableFact("order", "is missing", "name the order's reference")
    person = _text(fields, "person") or next((s.person for s in statements if s.person), None)
    for reference, some in _by_order(statements, own).items():
        yield _submission(reference, some, force, person, regime, register)


def _fields(case: object) -> dict[str, Any]:
    """The case's own keys; a fact that stands alone is a case of one."""
    if not isinstance(case, dict):
        raise UnreadableFact("case", "is not an object", "write order and given")
    if case.keys() >= _FACT_KEYS:
        return {"given": [case]}
    for key in case:
        if key not in _CASE_KEYS:
            raise UnreadableFact(str(key)[:40], "unknown key", f"use {sorted(_CASE_KEYS)}")
    given = case.get("given")
    if not isinstance(given, list) or not given:
        raise UnreadableFact("given", "holds no facts", "list the facts")
    return case


def _text(case: dict[str, Any], key: str) -> str | None:
    value = case.get(key)
    if value is None or (isinstance(value, str) and 0 < len(value) <= LONGEST_NAME):
        return value
    raise UnreadableFact(key, "is not a short text", f"write 1 to {LONGEST_NAME} characters")


def _submission(
    reference: str,
    statements: list[Statement],
    force: str,
    person: str | None,
    regime: str,
    register: OrderRegister,
) -> tuple[Submission, int]:
    ordered = sorted(statements, key=lambda s: (s.recorded_at, s.t))
    assumed: list[Statement] = []
    if not register.order_by_id(order_id(reference)).version and evidences_an_order(ordered):
        assumed = assumed_history(ordered, REGIMES[regime])
    submission = Submission(
        reference=reference,
        statements=[*assumed, *ordered],
        force=force,
        person=person,
        regime=regime,
        history_assumed=bool(assumed),
    )
    return submission, len(assumed)


def _by_order(statements: Sequence[Statement], own: str) -> dict[str, list[Statement]]:
    grouped: dict[str, list[Statement]] = {}
    for statement in statements:
        grouped.setdefault(statement.order or own, []).append(statement)
    return grouped


def _statement(index: int, raw: object, now: datetime) -> Statement:
    try:
        statement = read_statement(raw)
    except UnreadableFact as error:
        where = f"given[{index}].{error.field}"
        raise UnreadableFact(where, error.problem, error.remedy) from None
    if max(statement.recorded_at, statement.t) > now:
        where = f"given[{index}].t"
        raise UnreadableFact(where, "is in the future", "check the time and its offset")
    return statement


def _force(stated: str | None, statements: Sequence[Statement]) -> str:
    """The force the order belongs to. An unknown one is a slip of the pen, not a point of law."""
    applied = [s.fact.force for s in statements if isinstance(s.fact, ApplicationMade)]
    named = [*([] if stated is None else [stated]), *applied]
    if any(find_force(name) is None for name in named):
        raise UnreadableFact("force", "unknown force", "see docs/reference/forces.md")
    return named[0] if named else ""
