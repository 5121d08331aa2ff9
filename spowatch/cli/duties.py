"""`duties list`: notification compliance, for offender managers."""

from typing import Annotated, Any

import typer

from spowatch.cli.output import AsJson, DataDir, faults_explained, say, store_opened

app = typer.Typer(no_args_is_help=True, help="Who owes a notification, who is late, who was met.")


@app.callback()
def duties() -> None:
    """Who owes a notification, who is late, who was met."""


@app.command("list")
def list_duties(
    *,
    force: Annotated[str | None, typer.Option("--force", help="Only that force's orders")] = None,
    officer: Annotated[
        str | None, typer.Option("--officer", help="Only that officer's, by staff number")
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(
            "--state", help="overdue, due_soon (24 h), due, disputed, met_late, met or lapsed"
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many")] = 100,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """The duties that need somebody, the soonest first; with --state, those in that state."""
    from projections.compliance import ATTENTION, Compliance
    from spowatch.cli.orders import known_force_or_fail
    from spowatch.compliance import duties_of
    from spowatch.wiring.store import now

    if state is not None and state not in tuple(Compliance):
        msg = f"there is no state {state!r}; there are {', '.join(Compliance)}"
        raise typer.BadParameter(msg)
    wanted = ATTENTION if state is None else (Compliance(state),)
    known = known_force_or_fail(force, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        every = duties_of(store, now(), force=known, officer=officer)
        found = [row for row in every if row.state in wanted]
    found.sort(key=lambda row: (tuple(Compliance).index(row.state), row.deadline, row.order))
    _say([row.as_dict() for row in found], limit, as_json=as_json)


def _say(rows: list[dict[str, Any]], limit: int, *, as_json: bool) -> None:
    more = max(0, len(rows) - limit)
    if as_json:
        say({"duties": rows[:limit], "more": more})
        return
    for row in rows[:limit]:
        typer.echo(_line(row))
    if more:
        typer.echo(f"and {more} more; --limit shows them")


def _line(row: dict[str, Any]) -> str:
    from spowatch.wording.plain_words import said

    given = f"notified {said(row['notified_at'])}" if row["notified_at"] else ""
    receipt = f"receipt {row['receipt']}" if row["receipt"] else ""
    invalid = ", ".join(row["attempts_not_valid"])
    notes = "; ".join(each for each in (given, receipt, invalid) if each)
    return (
        f"{row['state']:<9} {row['duty']:<8} too late from {said(row['deadline'])}  "
        f"{row['order']}, {row['force']}" + (f"  ({notes})" if notes else "")
    )
