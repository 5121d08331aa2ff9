"""`dead-letters`: what could not be read, and how readers get it or do without, and messages are settled."""

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

_NOTHING = "nothing is parked of stream {}; see `spowatch dead-letters list`"
_NO_MESSAGE = "no message waits to be settled under {}; see `spowatch dead-letters list`"


@app.callback()
def dead_letters() -> None:
    """What could not be read and was set aside."""


@app.command("list")
def list_parked(*, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Every event that a reader is still without, every message nobody settled (exit status 1 when there is one)."""
    from spowatch.redriving import waiting
    from spowatch.unread_messages import unsettled

    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        rows = [each.as_dict() for each in waiting(store)]
        messages = [each.as_dict() for each in unsettled(store)]
    if as_json:
        say({"parked": rows, "messages": messages})
    for line in () if as_json else (*map(_line, rows), *map(_message, messages)):
        typer.echo(line)
    if rows or messages:
        raise typer.Exit(REFUSED)


@app.command("show")
def show(
    stream: Annotated[str, typer.Argument(metavar="STREAM", help="As `list` shows it")],
    *,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """What is parked of one stream: for which readers, of which order, and whether it can be read now.

    Of a message: where it lies, its hash, since when, and why it could not be read.
    """
    from spowatch.redriving import shown
    from spowatch.unread_messages import unsettled

    only = _stream(stream, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        rows = shown(store, only)
        messages = [each.as_dict() for each in unsettled(store) if each.stream == only]
    if not rows and not messages:
        fail(_NOTHING.format(only), as_json=as_json)
    if as_json:
        say({"parked": rows, "messages": messages})
        return
    for each in messages:
        typer.echo(f"{_message(each)}\n  since {each['since']}  sha256 {each['sha256']}")
    for row in rows:
        fault = row["still_unreadable"]
        now = "can be read now" if fault is None else f"still unreadable ({fault})"
        typer.echo(f"{_line(row)}  since {row['since']}  {row['topic']}")
        typer.echo(f"  {row['order'] or 'order not known'}: {now}")


@app.command("discard")
def discard(
    stream: Annotated[str, typer.Argument(metavar="STREAM", help="As `list` shows it")],
    *,
    staff: Annotated[str, typer.Option("--as", metavar="STAFF", help="Your payroll number")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it goes on record, no names")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Let the readers do without it for good: an alert owed from it is then never raised by itself."""
    from domain.facts.words import ShortText, StaffNumber
    from spowatch.cli.hands import checked
    from spowatch.redriving import discarded

    only = _stream(stream, as_json=as_json)
    why = checked("--reason", ShortText, reason, "write at most 200 characters", as_json=as_json)
    by = checked("--as", StaffNumber, staff, "a collar or payroll number", as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        rows = [each.as_dict() for each in discarded(store, only, why, by)]
    if not rows:
        fail(_NOTHING.format(only), as_json=as_json)
    if as_json:
        say({"discarded": rows})
    for row in () if as_json else rows:
        typer.echo(f"{_line(row)}  discarded")


@app.command("settle")
def settle(
    messages: Annotated[list[str], typer.Argument(metavar="STREAM", help="As `list` shows it")],
    *,
    staff: Annotated[str, typer.Option("--as", metavar="STAFF", help="Your payroll number")],
    turned_out: Annotated[
        str, typer.Option(help="What it was: entered_by_hand, sent_again or no_report")
    ],
    reason: Annotated[str, typer.Option("--reason", help="How you know; on record, no names")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Say what a message was that could not be read: nobody is warned of it any more."""
    from domain.facts.words import ShortText, StaffNumber
    from domain.unread import MessageSettled, TurnedOut
    from spowatch.cli.hands import checked
    from spowatch.unread_messages import settled

    asked = [_stream(each, as_json=as_json) for each in messages]
    was = checked("--turned-out", TurnedOut, turned_out, ", ".join(TurnedOut), as_json=as_json)
    why = checked("--reason", ShortText, reason, "write at most 200 characters", as_json=as_json)
    by = checked("--as", StaffNumber, staff, "a collar or payroll number", as_json=as_json)
    said = MessageSettled(turned_out=TurnedOut(was), reason=why)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        done = settled(store, asked, said, by)
    if as_json:
        say({"settled": [str(each) for each in done]})
    for each in () if as_json else done:
        typer.echo(f"{each}  settled")
    unknown = [str(each) for each in asked if each not in done]
    if unknown:
        fail(_NO_MESSAGE.format(", ".join(unknown)), as_json=as_json)


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
        fail(_NOTHING.format(only), as_json=as_json)
    if any(row["still_unreadable"] for row in rows):
        raise typer.Exit(REFUSED)


def _stream(text: str, *, as_json: bool) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fail("STREAM is the id that `spowatch dead-letters list` shows", BAD_INPUT, as_json=as_json)


def _line(row: dict[str, Any]) -> str:
    return f"{row['stream']}  {row['version']:>4}  {row['reader']:<16}  {row['fault']}"


def _message(row: dict[str, Any]) -> str:
    place = f"{row['topic']} {row['partition']} {row['offset']}"
    return f"{row['stream']}  message  {row['reader']:<9}  {place}  {row['reason']}"


def _outcome(row: dict[str, Any]) -> str:
    fault = row["still_unreadable"]
    return "handed to its reader" if fault is None else f"STILL UNREADABLE ({fault})"
