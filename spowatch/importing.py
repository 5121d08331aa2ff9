"""Imports facts into the register: case by case, the good kept, every bad one named."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from domain.arranging import as_known
from domain.batches import POISON
from domain.commands import Answer
from domain.dossier import order_id
from domain.facts.court import ApplicationMade
from domain.refusals import REFUSALS
from domain.regimes import REGIMES
from domain.register import OrderRegister
from domain.submissions import Submission
from domain.vocabulary import Statement, UnreadableFact, read_statement
from spowatch.assumed_history import assumed_history, evidences_an_order
from spowatch.case_fields import check_force, check_keys, regime_of, text_of
from spowatch.facts_file import Line
from spowatch.store.vault import PersonErased

PERSON_ERASED = "PERSON_ERASED"
_FACT_KEYS = frozenset({"t", "type"})


class InTheFuture(UnreadableFact):
    """By our clock, which may be slow: it can be read `ahead` later."""

    def __init__(self, field: str, ahead: timedelta) -> None:
        super().__init__(field, "is in the future", "check the time and its offset")
        self.ahead = ahead


@dataclass(frozen=True, slots=True)
class Placed:
    """A statement and its place in the file's `given`."""

    index: int
    statement: Statement


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to one fact: its place in the file's `given`, and the order it was stated on."""

    fact: int
    order: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one line: answers to its facts, or why it could not be read.

    The answers stand in the order in which the facts were decided: by order, then by time.
    """

    line: int
    answered: Sequence[Answered] = ()
    error: UnreadableFact | None = None
    forces_assumed: Mapping[str, str] = field(default_factory=dict)
    """Of each order that was begun though nothing of the line says whose it is."""

    @property
    def answers(self) -> list[Answer]:
        return [each.answer for each in self.answered]

    @property
    def refused(self) -> list[Answered]:
        """As the file lists them."""
        refused = (each for each in self.answered if each.answer.refused_as is not None)
        return sorted(refused, key=lambda each: each.fact)

    def report(self) -> Iterator[dict[str, Any]]:
        """One message for each fact that was refused, and one for each order the line names."""
        if self.error is not None:
            yield {
                "line": self.line,
                "field": self.error.field,
                "reason": self.error.problem,
                "action": self.error.remedy,
            }
            return
        for each in self.refused:
            refusal = REFUSALS[each.answer.refused_as or ""]
            yield {
                "line": self.line,
                "order": each.order,
                "fact": each.fact,
                "code": refusal.code,
                "section": refusal.section,
                "reason": refusal.sentence,
            }
        for order in dict.fromkeys(each.order for each in self.answered):
            yield self._kept(order)

    def _kept(self, order: str) -> dict[str, Any]:
        answers = [each.answer for each in self.answered if each.order == order]
        return {
            "line": self.line,
            "order": order,
            "accepted": sum(answer.refused_as is None for answer in answers),
            "position": answers[-1].position,
            "version": answers[-1].version,
            "event_ids": [str(event) for answer in answers for event in answer.event_ids],
        } | ({"force_assumed": self.forces_assumed[order]} if order in self.forces_assumed else {})


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A submission: first the facts assumed before it, then those of the file as `placed`."""

    submission: Submission
    placed: Sequence[Placed]
    force_assumed: str | None = None

    def answered(self, answers: Sequence[Answer]) -> Iterator[Answered]:
        given = answers[len(answers) - len(self.placed) :]
        for each, answer in zip(self.placed, given, strict=True):
            yield Answered(each.index, self.submission.reference, answer)


def spoken(message: dict[str, Any]) -> str | None:
    """The message as a line for a person; what was simply accepted needs none."""
    if "action" in message and "code" in message:
        return "line {line}: {order}: {reason} {action}".format(**message)
    if "code" in message:
        said = "line {line}: fact {fact} of {order} refused: {code} ({section}). {reason}"
        return said.format(**message)
    if "field" in message:
        return "line {line}: {field} {reason}; {action}".format(**message)
    if "force_assumed" in message:
        said = "line {line}: {order} names no force; it is kept as an order of {force_assumed}, whose boards alone show it"
        return said.format(**message)
    return None


def _rise(_: Submission, fault: Exception) -> None:
    raise fault


def import_line(
    line: Line,
    register: OrderRegister,
    *,
    now: datetime,
    dry_run: bool = False,
    at_version: int | None = None,
    give_up: Callable[[Submission, Exception], None] = _rise,
) -> Outcome:
    """State the facts of one line, in one transaction for each order it names.

    What is for an order that cannot be read is handed to `give_up`, and the others go on.
    Raises `OrderChanged` when an order is not `at_version`.
    """
    if line.error is not None:
        return Outcome(line.number, error=line.error)
    try:
        prepared = list(_read_case(line.case, register, now=now))
    except UnreadableFact as error:
        return Outcome(line.number, error=error)
    answered: list[Answered] = []
    forces: dict[str, str] = {}
    for each in prepared:
        submission = replace(each.submission, at_version=at_version)
        try:
            answered += each.answered(_stated(submission, register, now, save=not dry_run))
        except POISON as fault:
            give_up(submission, fault)
            continue
        # An earlier line may have begun it, which a dry run does not see.
        if each.force_assumed is not None and not dry_run:
            forces[submission.reference] = each.force_assumed
    return Outcome(line.number, answered, forces_assumed=forces)


def _stated(
    submission: Submission, register: OrderRegister, now: datetime, *, save: bool
) -> Sequence[Answer]:
    """The register's answers; what says something in words about an erased person is refused.

    The other facts on an order that is there are then stated one by one. A new order is not begun in part.
    """
    try:
        return register.state(submission, entered_at=now, save=save)
    except PersonErased:
        order = register.order_by_id(order_id(submission.reference))
        if len(submission.statements) == 1 or not order.version:
            refused = Answer(order.id, order.version, refused_as=PERSON_ERASED)
            return [refused] * len(submission.statements)
        alone = (replace(submission, statements=[each]) for each in submission.statements)
        return [answer for each in alone for answer in _stated(each, register, now, save=save)]


def _read_case(case: object, register: OrderRegister, *, now: datetime) -> Iterator[_Prepared]:
    """One submission for each order the case names."""
    fields = _fields(case)
    placed = [Placed(i, _statement(i, raw, now)) for i, raw in enumerate(fields["given"])]
    statements = [each.statement for each in placed]
    regime = regime_of(fields)
    force = _force(text_of(fields, "force"), statements)
    named = next((s.order for s in statements if s.order), None)
    own = text_of(fields, "order") or named or text_of(fields, "id")
    if own is None:
        raise UnreadableFact("order", "is missing", "name the order's reference")
    person = text_of(fields, "person") or next((s.person for s in statements if s.person), None)
    for reference, some in _by_order(placed, own).items():
        yield _prepared(reference, some, force, person, regime, register)


def _fields(case: object) -> dict[str, Any]:
    """The case's own keys; a fact that stands alone is a case of one."""
    if not isinstance(case, dict):
        raise UnreadableFact("case", "is not an object", "write order and given")
    if case.keys() >= _FACT_KEYS:
        return {"given": [case]}
    check_keys(case)
    given = case.get("given")
    if not isinstance(given, list) or not given:
        raise UnreadableFact("given", "holds no facts", "list the facts")
    return case


def _prepared(
    reference: str,
    placed: list[Placed],
    force: str,
    person: str | None,
    regime: str,
    register: OrderRegister,
) -> _Prepared:
    by_time = sorted(placed, key=lambda each: as_known(each.statement))
    ordered = [each.statement for each in by_time]
    assumed: list[Statement] = []
    named = force or _named_by_a_fact(ordered)
    if evidences_an_order(ordered) and not register.knows(reference):
        assumed = assumed_history(ordered, REGIMES[regime], force=named)
    submission = Submission(
        reference=reference,
        statements=[*assumed, *ordered],
        force=force,
        person=person,
        regime=regime,
        history_assumed=bool(assumed),
    )
    return _Prepared(submission, by_time, None if named else _applicant(assumed))


def _applicant(assumed: Sequence[Statement]) -> str | None:
    return next((s.fact.force for s in assumed if isinstance(s.fact, ApplicationMade)), None)


def _named_by_a_fact(statements: Sequence[Statement]) -> str:
    return next((each.force for each in statements if each.force), "")


def _by_order(placed: Sequence[Placed], own: str) -> dict[str, list[Placed]]:
    grouped: dict[str, list[Placed]] = {}
    for each in placed:
        grouped.setdefault(each.statement.order or own, []).append(each)
    return grouped


def _statement(index: int, raw: object, now: datetime) -> Statement:
    try:
        statement = read_statement(raw)
    except UnreadableFact as error:
        where = f"given[{index}].{error.field}"
        raise UnreadableFact(where, error.problem, error.remedy) from None
    known = max(statement.recorded_at, statement.t)
    if known > now:
        where = f"given[{index}].t"
        raise InTheFuture(where, known - now)
    return statement


def _force(stated: str | None, statements: Sequence[Statement]) -> str:
    """The force the order belongs to."""
    applied = [s.fact.force for s in statements if isinstance(s.fact, ApplicationMade)]
    named = [*([] if stated is None else [stated]), *applied]
    for name in named:
        check_force(name)
    return named[0] if named else ""
