"""`desk suppression`: alerts of some terms are held back for a while, by a decision on record."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from spowatch.cli.hands import (
    NO_NAMES,
    As,
    OwnForce,
    Role,
    Terminal,
    checked,
    own_hand,
)
from spowatch.cli.orders import known_force_or_fail
from spowatch.cli.output import (
    BAD_INPUT,
    AsJson,
    DataDir,
    fail,
    faults_explained,
    say,
    store_opened,
)

if TYPE_CHECKING:
    from domain.desk.suppression_desk import SuppressionDesk
    from domain.desk.suppressions import Decision, Proposal
    from spowatch.open_store import Store

app = typer.Typer(
    name="suppression",
    add_completion=False,
    no_args_is_help=True,
    help="Hold alerts of some terms back for a while; never priority 1.",
)


class Kind(StrEnum):
    """Why nobody needs to be told for a while."""

    CUSTODY = "custody"
    EXERCISE = "exercise"
    RULE_DISABLED = "rule_disabled"
    MAINTENANCE = "maintenance"


@app.callback()
def suppression() -> None:
    """Hold alerts of some terms back for a while; never priority 1."""


@app.command("record", epilog=NO_NAMES)
def record(  # noqa: PLR0913 - one parameter an option
    *,
    staff: As,
    force: OwnForce,
    kind: Annotated[Kind, typer.Option("--kind", help="Why: custody never holds contact")],
    conditions: Annotated[list[str], typer.Option("--condition", help="A term; may be repeated")],
    reason: Annotated[str, typer.Option("--reason", help="Why now; no protected person's name")],
    minutes: Annotated[
        int,
        typer.Option("--minutes", min=1, max=7 * 24 * 60, help="How long; policy sets the most"),
    ],
    order: Annotated[str | None, typer.Option("--order", help="Only that order")] = None,
    role: Role = "operator",
    terminal: Terminal = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Decide that nobody is told of such alerts until it ends; they are raised all the same.

    To disable a rule takes two: this proposes it, and another supervisor agrees.
    """
    from domain.desk.suppressions import TWO_DECIDE, SuppressionKind, Wish
    from domain.facts.words import ShortText
    from spowatch.wiring.store import now

    decider = own_hand(staff, role, force, terminal, as_json=as_json)
    terms = _known_terms(conditions, as_json=as_json)
    why = checked("--reason", ShortText, reason, "write at most 200 characters", as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        about = None if order is None else _order_of(store, order, decider.force)
        lasts = timedelta(minutes=minutes)
        wish = Wish(SuppressionKind(kind.value), terms, why, lasts, about)
        if wish.kind in TWO_DECIDE:
            _tell_proposal(_desk(store).propose(wish, decider, now()), as_json=as_json)
        else:
            _tell(_desk(store).decide(wish, decider, now()), as_json=as_json)


@app.command("agree")
def agree(  # noqa: PLR0913 - one parameter an option
    proposal_id: Annotated[str, typer.Argument(metavar="PROPOSAL_ID", help="Or its first digits")],
    *,
    staff: As,
    force: OwnForce,
    role: Role = "operator",
    terminal: Terminal = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """As the second of two supervisors: what the first proposed runs from now."""
    from spowatch.wiring.store import now

    second = own_hand(staff, role, force, terminal, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        desk = _desk(store)
        proposals = desk.of(second.force).proposals
        found = _found(proposals, proposal_id, "proposals", as_json=as_json)
        _tell(desk.agree(found, second, now()), as_json=as_json)


@app.command("end")
def end(  # noqa: PLR0913 - one parameter an option
    decision_id: Annotated[
        str,
        typer.Argument(
            metavar="DECISION_ID", help="Of a decision or a proposal, or its first digits"
        ),
    ],
    *,
    staff: As,
    force: OwnForce,
    role: Role = "operator",
    terminal: Terminal = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """End it before its time: people are told of what it held from now on. Anybody on duty may."""
    from domain.open_alerts import open_alerts
    from spowatch.wiring.store import now

    ender = own_hand(staff, role, force, terminal, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        desk = _desk(store)
        on_record = desk.of(ender.force)
        both = {**on_record.decisions, **on_record.proposals}
        found = _found(both, decision_id, "decisions", as_json=as_json)
        proposal = on_record.proposals.get(found)
        desk.end(found, ender, open_alerts(store.register), now())
        if proposal is not None:
            _tell_proposal(proposal, as_json=as_json)
        else:
            _tell(desk.of(ender.force).decisions[found], as_json=as_json)


@app.command("list")
def list_decisions(
    *,
    force: OwnForce,
    everything: Annotated[bool, typer.Option("--all", help="Those that have ended too")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """What the force holds back now, the first to end first; then what waits for a second person."""
    from spowatch.wiring.store import now

    own = known_force_or_fail(force, as_json=as_json) or force
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        on_record, at = _desk(store).of(own), now()
    some = [each for each in on_record.decisions.values() if everything or at < each.ends]
    waiting = [each for each in on_record.proposals.values() if everything or at < each.lapses]
    ordered = sorted(some, key=lambda each: each.ends)
    if as_json:
        rows = {"suppressions": [_row(each) for each in ordered]}
        say(rows | {"proposals": [_proposal_row(each) for each in waiting]})
        return
    for each in ordered:
        _tell(each, as_json=False)
    for proposal in waiting:
        _tell_proposal(proposal, as_json=False)


def _desk(store: "Store") -> "SuppressionDesk":
    from domain.desk.suppression_desk import SuppressionDesk

    return SuppressionDesk(store.register, rotas=store.policy.current().rotas)


def _order_of(store: "Store", reference: str, force: str) -> UUID:
    """Raises `Refused` for an order nobody knows, or that is another force's."""
    from domain.desk.refusals import refused_at_desk

    order = store.register.order(reference)
    if order.force != force:
        raise refused_at_desk("OF_ANOTHER_FORCE", reference=reference)
    return order.id


def _known_terms(conditions: list[str], *, as_json: bool) -> list[str]:
    from domain.taxonomy import TAXONOMY

    unknown = [each for each in conditions if each not in TAXONOMY]
    if unknown:
        fail(f"--condition: there is no term {unknown[0][:40]!r}", BAD_INPUT, as_json=as_json)
    return conditions


def _found(among: Iterable[UUID], text: str, named: str, *, as_json: bool) -> UUID:
    digits = text.lower().replace("-", "")
    some = [each for each in among if digits and each.hex.startswith(digits)]
    if len(some) != 1:
        problem = f"{len(some)} {named} begin with {text[:40]!r}; see `desk suppression list --all`"
        fail(problem, as_json=as_json)
    return some[0]


def _row(decision: "Decision") -> dict[str, Any]:
    from spowatch.answers import utc

    return {
        "id": str(decision.id),
        "kind": str(decision.decided.kind),
        "conditions": list(decision.decided.conditions),
        "order_id": None if decision.decided.order_id is None else str(decision.decided.order_id),
        "by": decision.by,
        "seconded_by": decision.decided.seconded_by,
        "reason": decision.decided.reason,
        "begins": utc(decision.decided.begins),
        "ends": utc(decision.ends),
    }


def _proposal_row(proposal: "Proposal") -> dict[str, Any]:
    from spowatch.answers import utc

    wanted = proposal.proposed
    return {
        "id": str(proposal.id),
        "kind": str(wanted.kind),
        "conditions": list(wanted.conditions),
        "order_id": None if wanted.order_id is None else str(wanted.order_id),
        "by": proposal.by,
        "reason": wanted.reason,
        "minutes": wanted.minutes,
        "lapses": utc(proposal.lapses),
    }


def _tell(decision: "Decision", *, as_json: bool) -> None:
    from spowatch.wording.plain_words import said

    if as_json:
        say(_row(decision))
        return
    terms, second = ", ".join(decision.decided.conditions), decision.decided.seconded_by
    and_second = f" and {second}" if second else ""
    of = "the force" if decision.decided.order_id is None else "one order"
    typer.echo(
        f"{str(decision.id)[:8]}  {decision.decided.kind} of {of}: {terms}; until {said(decision.ends)}, "
        f"by {decision.by}{and_second}: {decision.decided.reason}"
    )


def _tell_proposal(proposal: "Proposal", *, as_json: bool) -> None:
    from spowatch.wording.plain_words import said

    if as_json:
        say(_proposal_row(proposal))
        return
    wanted = proposal.proposed
    of = "the force" if wanted.order_id is None else "one order"
    typer.echo(
        f"{str(proposal.id)[:8]}  {wanted.kind} of {of}: {', '.join(wanted.conditions)}; "
        f"{wanted.minutes} minutes, proposed by {proposal.by}: {wanted.reason}; another supervisor "
        f"may agree until {said(proposal.lapses)}"
    )
