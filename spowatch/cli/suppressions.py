"""`desk suppression`: alerts of some terms are held back for a while, by a decision on record."""

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
    staff_number,
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
    from domain.desk.suppressions import Decision
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
    seconded_by: Annotated[
        str | None, typer.Option("--seconded-by", metavar="STAFF", help="Who agrees, by number")
    ] = None,
    role: Role = "operator",
    terminal: Terminal = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Decide that nobody is told of such alerts until it ends; they are raised all the same."""
    from domain.desk.suppressions import SuppressionKind, Wish
    from domain.facts.words import ShortText
    from spowatch.wiring.store import now

    decider = own_hand(staff, role, force, terminal, as_json=as_json)
    terms = _known_terms(conditions, as_json=as_json)
    why = checked("--reason", ShortText, reason, "write at most 200 characters", as_json=as_json)
    second = seconded_by and staff_number("--seconded-by", seconded_by, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        about = None if order is None else _order_of(store, order, decider.force)
        lasts = timedelta(minutes=minutes)
        wish = Wish(SuppressionKind(kind.value), terms, why, lasts, about, second)
        _tell(_desk(store).decide(wish, decider, now()), as_json=as_json)


@app.command("end")
def end(  # noqa: PLR0913 - one parameter an option
    decision_id: Annotated[str, typer.Argument(metavar="DECISION_ID", help="Or its first digits")],
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
        desk, own = _desk(store), ender.force
        found = _found(list(desk.of(own).decisions.values()), decision_id, as_json=as_json)
        desk.end(found.id, ender, open_alerts(store.register), now())
        _tell(desk.of(own).decisions[found.id], as_json=as_json)


@app.command("list")
def list_decisions(
    *,
    force: OwnForce,
    everything: Annotated[bool, typer.Option("--all", help="Those that have ended too")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """What the force holds back now, the first to end first."""
    from spowatch.wiring.store import now

    own = known_force_or_fail(force, as_json=as_json) or force
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        decisions = _desk(store).of(own).decisions.values()
        some = [each for each in decisions if everything or now() < each.ends]
    ordered = sorted(some, key=lambda each: each.ends)
    if as_json:
        say({"suppressions": [_row(each) for each in ordered]})
        return
    for each in ordered:
        _tell(each, as_json=False)


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


def _found(decisions: "list[Decision]", text: str, *, as_json: bool) -> "Decision":
    digits = text.lower().replace("-", "")
    some = [each for each in decisions if digits and each.id.hex.startswith(digits)]
    if len(some) != 1:
        problem = (
            f"{len(some)} decisions begin with {text[:40]!r}; see `desk suppression list --all`"
        )
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


def _tell(decision: "Decision", *, as_json: bool) -> None:
    from spowatch.wording.plain_words import said

    if as_json:
        say(_row(decision))
        return
    terms = ", ".join(decision.decided.conditions)
    of = "the force" if decision.decided.order_id is None else "one order"
    typer.echo(
        f"{str(decision.id)[:8]}  {decision.decided.kind} of {of}: {terms}; until {said(decision.ends)}, "
        f"by {decision.by}: {decision.decided.reason}"
    )
