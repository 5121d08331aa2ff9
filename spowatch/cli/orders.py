"""`order show` and `orders list`: where orders stand, and how they got there."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spowatch.cli.output import (
    BAD_INPUT,
    LAST_POSITION,
    AsJson,
    DataDir,
    fail,
    faults_explained,
    say,
    store_opened,
)
from spowatch.cli.purposes import NOT_STATED, Why, purpose_or_fail

if TYPE_CHECKING:
    from datetime import datetime

order_app = typer.Typer(
    no_args_is_help=True, help="One order: where it stands and how it got there."
)
app = typer.Typer(no_args_is_help=True, help="The orders on the register.")


_PARKED = (
    "of the orders cannot be read to the end and are listed, if at all, as they stood before; "
    "see docs/runbook/operations.md#unreadable_record"
)


@order_app.callback()
def one_order() -> None:
    """One order: where it stands and how it got there."""


@app.callback()
def many_orders() -> None:
    """The orders on the register."""


@order_app.command("show")
def show(
    reference: Annotated[str, typer.Argument(metavar="REF", help="The force's order reference")],
    *,
    as_at: Annotated[
        str | None,
        typer.Option("--as-at", metavar="TIME", help="On what was known then; with its offset"),
    ] = None,
    why: Why = NOT_STATED,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Status, terms, duties, findings, refusals and the timeline of one order."""
    from domain.looking_back import known_by
    from spowatch.briefing.order_account import account, render_account
    from spowatch.consulted import Reading, put_on_record
    from spowatch.log_pages import stream
    from spowatch.wiring.store import now

    instant = _instant(as_at, as_json=as_json) or now()
    purpose = purpose_or_fail(why, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        order = store.register.order(reference)
        recorded = stream(store, order.id)
        order = known_by(order.id, recorded, instant)
        if not order.version:
            fail(f"{reference}: nothing was known of it at {as_at}", as_json=as_json)
        put_on_record(store, Reading("order", order, purpose=purpose), now())
        told = account(order, recorded, instant)
    if as_json:
        say(told)
    else:
        typer.echo(render_account(told), nl=False)


@app.command("list")
def list_orders(  # noqa: PLR0913 - one parameter an option
    *,
    force: Annotated[str | None, typer.Option("--force", help="Only that force's orders")] = None,
    status: Annotated[str | None, typer.Option("--status", help="Only with that status")] = None,
    officer: Annotated[
        str | None, typer.Option("--officer", help="Only that officer's, by staff number")
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", help="Only with that in the reference")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many")] = 50,
    after: Annotated[
        int, typer.Option("--after", min=0, max=LAST_POSITION, help="Past that `next`")
    ] = 0,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """The orders on the register, in the order they were opened. Nobody's name is shown."""
    from spowatch.order_list import Search, listed
    from spowatch.wiring.store import now

    _check_status(status)
    known_force = known_force_or_fail(force, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        search = Search(known_force, status, officer, reference)
        found = listed(store, now(), search=search, limit=limit, after=after)
    if found.parked:
        sys.stderr.write(f"spowatch: {found.parked} {_PARKED}\n")
    if as_json:
        say({"orders": found.orders, "next": found.next})
        return
    for row in found.orders:
        typer.echo(_line(row))


def _check_status(status: str | None) -> None:
    from domain.status import STATUSES

    if status is not None and status not in STATUSES:
        msg = f"there is no status {status!r}; there are {', '.join(STATUSES)}"
        raise typer.BadParameter(msg)


def known_force_or_fail(force: str | None, *, as_json: bool) -> str | None:
    """The force's own name; an unknown one ends the command as bad input."""
    from domain.forces import find_force

    if force is None:
        return None
    found = find_force(force)
    if found is None:
        fail(f"--force: unknown force {force!r}", BAD_INPUT, as_json=as_json)
    return found.name


def _instant(text: str | None, *, as_json: bool) -> "datetime | None":
    from domain.vocabulary import UnreadableFact, read_instant

    if text is None:
        return None
    try:
        return read_instant("--as-at", text)
    except UnreadableFact as error:
        fail(str(error), BAD_INPUT, as_json=as_json)


def _line(row: dict[str, Any]) -> str:
    in_force = row["in_force"] or "-"
    facets = ", ".join(row["facets"])
    return (
        f"{row['order']:<28}  {row['force']:<24}  {row['status']:<16}  {in_force:<8}  {facets}"
    ).rstrip()
