"""`deadlines`: what is pending for whom and why, and whether the sheet agrees with the log."""

from typing import Annotated, Any

import typer

from spowatch.cli.output import REFUSED, AsJson, DataDir, faults_explained, say, store_opened

app = typer.Typer(no_args_is_help=True, help="Every pending instant of every order and alert.")


@app.callback()
def deadlines() -> None:
    """Every pending instant of every order and alert."""


@app.command("list")
def list_deadlines(
    *,
    order: Annotated[str | None, typer.Option("--order", help="Only that order")] = None,
    force: Annotated[str | None, typer.Option("--force", help="Only that force's orders")] = None,
    days: Annotated[
        int, typer.Option("--days", min=0, max=100_000, help="Due within so many days")
    ] = 7,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """What is pending, the soonest first, each with the provision it comes from."""
    from spowatch.cli.orders import known_force_or_fail
    from spowatch.pending import pending_rows
    from spowatch.wiring.store import now

    known = known_force_or_fail(force, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        wanted = None if order is None else store.register.order(order).reference
        rows = [
            row
            for row in pending_rows(store, now(), days=days)
            if (wanted is None or row["order"] == wanted) and known in {None, row["force"]}
        ]
    if as_json:
        say({"deadlines": rows})
        return
    for row in rows:
        typer.echo(_line(row))


@app.command("audit")
def audit(*, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Work every row out again from the log, and put right what differs (exit status 1)."""
    from spowatch.pending import audited

    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        differences = audited(store)
    if as_json:
        say({"differences": differences})
    for each in () if as_json else differences:
        typer.echo(f"{each['fault']}: {_line(each)}")
    if differences:
        raise typer.Exit(REFUSED)


def _line(row: dict[str, Any]) -> str:
    alert = f", alert {row['alert'][:8]}" if row["alert"] else ""
    return f"{row['due']}  {row['kind']:<24} {row['order']}{alert}  ({row['basis']})"
