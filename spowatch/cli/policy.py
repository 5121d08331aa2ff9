"""`policy`: whether a policy file may be taken, and who would be told under it."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spowatch.cli.output import BAD_INPUT, REFUSED, AsJson, fail, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.desk.policy_book import PolicyBook

app = typer.Typer(
    no_args_is_help=True, help="Who is told: the policy file of desks, escalation and rota."
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="The policy file, TOML")]
From = Annotated[
    datetime | None,
    typer.Option(
        "--from", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help="London time; now if unset"
    ),
]


@app.callback()
def policy() -> None:
    """Who is told: the policy file of desks, escalation and rota."""


@app.command("example")
def example() -> None:
    """Print a policy of every force with invented people, to begin your own from."""
    from spowatch.policy_file import EXAMPLE

    typer.echo(EXAMPLE.read_text(encoding="utf-8"), nl=False)


@app.command("check")
def check(
    file: File,
    *,
    begin: From = None,
    days: Annotated[int, typer.Option("--days", min=1, max=400, help="How far ahead")] = 14,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a policy file: steps that reach nobody, and gaps in the rota by their time.

    Exit status 2: it would not be taken. 1: it would, and somebody must fill what is named. 0: neither.
    """
    from datetime import timedelta

    from domain.desk.rota import staffing_faults

    book = _read(file, as_json=as_json)
    at = _instant(begin, as_json=as_json)
    found = {
        force: staffing_faults(rota, at, at + timedelta(days=days))
        for force, rota in book.rotas.items()
    }
    lines = [f"{force}: {gap}" for force, gaps in found.items() for gap in gaps]
    if as_json:
        say({"version": book.version, "forces": len(book.forces), "unfilled": lines})
    else:
        for line in lines:
            typer.echo(line)
        typer.echo(
            f"version {book.version}: {len(book.forces)} forces, every step reaches somebody; "
            f"{len(lines) or 'no'} gaps in {days} days"
        )
    if lines:
        raise typer.Exit(REFUSED)


@app.command("who")
def who(
    file: File,
    *,
    force: Annotated[str, typer.Option("--force", help="The force whose alert it would be")],
    priority: Annotated[int, typer.Option("--priority", min=1, max=4)] = 1,
    begin: From = None,
    as_json: AsJson = False,
) -> None:
    """Who would be told of an alert nobody takes, step by step, and by which channel. Tells nobody."""
    from domain.forces import find_force

    book = _read(file, as_json=as_json)
    known = find_force(force)
    if known is None:
        problem = f"--force: there is no force {force[:40]!r}; see docs/reference/forces.md"
        fail(problem, BAD_INPUT, as_json=as_json)
    rows = list(_told(book, known.name, priority, _instant(begin, as_json=as_json)))
    if as_json:
        say({"desk": book.desk_of(known.name), "steps": rows})
        return
    typer.echo(f"on the board of {book.desk_of(known.name)} at once")
    for row in rows:
        people = ", ".join(row["told"]) or "NOBODY: no one on duty can be reached"
        typer.echo(f"{row['at']}  {row['tells']:<17} {people}")


def _told(
    book: "PolicyBook", force: str, priority: int, at: datetime
) -> "Iterator[dict[str, Any]]":
    from datetime import timedelta

    from domain.alerts import Priority
    from spowatch.wording.plain_words import said

    for step in book.policies_of(force)[Priority(priority)].steps:
        at += timedelta(seconds=step.after)
        people = [
            f"{each.staff} by {', '.join(method.channel for method in each.methods)}"
            for each in book.on_duty(force, step.tells, at)
            if each.methods
        ]
        yield {"at": said(at), "tells": str(step.tells), "told": people}


def _read(file: Path, *, as_json: bool) -> "PolicyBook":
    from spowatch.policy_file import PolicyRefused, read_policy

    try:
        return read_policy(file.read_text(encoding="utf-8"))
    except PolicyRefused as fault:
        if as_json:
            say({"refused": fault.reasons})
        for reason in fault.reasons:
            typer.echo(reason, err=True)
        raise typer.Exit(BAD_INPUT) from None
    except OSError as fault:
        fail(f"{file}: {fault.strerror}", BAD_INPUT, as_json=as_json)
    except UnicodeDecodeError as fault:
        problem = f"{file}: byte {fault.start + 1} is not UTF-8; save the file as UTF-8"
        fail(problem, BAD_INPUT, as_json=as_json)


def _instant(given: datetime | None, *, as_json: bool) -> datetime:
    from datetime import UTC

    from domain.calendar import LONDON
    from domain.plausible import EARLIEST, LATEST
    from spowatch.wiring.store import now

    if given is None:
        return now()
    if not EARLIEST.year <= given.year < LATEST.year:
        problem = f"--from: {given.date()} is before 1900 or after 2199; check the year"
        fail(problem, BAD_INPUT, as_json=as_json)
    return given.replace(tzinfo=LONDON).astimezone(UTC)
