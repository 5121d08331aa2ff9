"""`parked`: the events that could not be read, and how their readers get them once they can be."""

from typing import Annotated, Any
from uuid import UUID

import typer

from spowatch.cli.output import (
    BAD_INPUT,
    REFUSED,
    AsJson,
    DataDir,
    fail,
    faults_explained,
    say,
    store_opened,
)

app = typer.Typer(no_args_is_help=True, help="What could not be read and was set aside.")


@app.callback()
def parked() -> None:
    """What could not be read and was set aside."""


@app.command("list")
def list_parked(*, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Every event that a reader is still without (exit status 1 when there is one)."""
    from spowatch.redriving import waiting

    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        rows = [each.as_dict() for each in waiting(store)]
    if as_json:
        say({"parked": rows})
    for row in () if as_json else rows:
        typer.echo(_line(row))
    if rows:
        raise typer.Exit(REFUSED)


@app.command("redrive")
def redrive(
    stream: Annotated[
        str | None, typer.Argument(metavar="[STREAM]", help="Only that stream; all if left out")
    ] = None,
    *,
    staff: Annotated[str, typer.Option("--as", metavar="STAFF", help="Your payroll number")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Let each reader handle what it is without, once it can be read (exit status 1 when it cannot).

    What was raised or said before is not raised or said again.
    """
    from spowatch.redriving import redriven

    only = None if stream is None else _stream(stream, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        rows = [each.as_dict() for each in redriven(store, staff, only=only)]
    if as_json:
        say({"redriven": rows})
    for row in () if as_json else rows:
        typer.echo(f"{_line(row)}  {row['order'] or ''}  {_outcome(row)}")
    if not rows and only is not None:
        fail(f"nothing is parked of stream {only}; see `spowatch parked list`")
    if any(row["still_unreadable"] for row in rows):
        raise typer.Exit(REFUSED)


def _stream(text: str, *, as_json: bool) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fail("STREAM is the id that `spowatch parked list` shows", BAD_INPUT, as_json=as_json)


def _line(row: dict[str, Any]) -> str:
    return f"{row['stream']}  {row['version']:>4}  {row['reader']:<16}  {row['fault']}"


def _outcome(row: dict[str, Any]) -> str:
    fault = row["still_unreadable"]
    return "handed to its reader" if fault is None else f"STILL UNREADABLE ({fault})"
