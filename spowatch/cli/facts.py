"""`import` and `what-if`: facts in, and what the law makes of them."""

import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from spowatch.cli.output import (
    BAD_INPUT,
    DONE,
    REFUSED,
    AsJson,
    DataDir,
    fail,
    faults_explained,
    say,
    store_opened,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spowatch.facts_file import Line
    from spowatch.file_import import FileImport
    from spowatch.importing import Outcome

_DRY_RUN = "Decide, and save nothing; each line as if those before it were not in the file"
STOPPED = 3
_STOPPED = (
    "; nothing after that line was recorded. Once the store is there again import the file again: what is on "
    "record is not added twice"
)
Source = Annotated[
    str, typer.Argument(metavar="FILE", help="A facts file, or - for standard input")
]


def import_facts(
    source: Source,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_DRY_RUN)] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Put facts on the register. Exit 0 all accepted, 1 some refused, 2 some could not be read, 3 stopped."""
    from spowatch.facts_file import read_lines
    from spowatch.file_import import FileImport
    from spowatch.wiring.store import now

    machine = as_json or source == "-"
    status, lines = DONE, 0
    with (
        faults_explained(as_json=machine),
        store_opened(data_dir) as store,
        _bytes(source) as file,
        _progress(source, machine=machine) as advance,
    ):
        facts = FileImport(store, now, dry_run=dry_run)
        for line in read_lines(file):
            status = max(status, _told(line, facts, machine=machine))
            advance()
            lines += 1
    if not lines and not machine:
        sys.stderr.write(f"spowatch: {source}: there is no case in it; nothing was recorded\n")
    raise typer.Exit(status)


def what_if(source: Source) -> None:
    """Answer what the position is, case by case, on given facts. Touches no store."""
    from domain.vocabulary import UnreadableFact
    from spowatch.facts_file import read_lines
    from spowatch.what_if import what_if as position

    results, status = [], DONE
    with _bytes(source) as file:
        for line in read_lines(file):
            try:
                if line.error is not None:
                    raise line.error
                results.append(position(line.case))
            except UnreadableFact as error:
                status = BAD_INPUT
                case_id = line.case.get("id") if isinstance(line.case, dict) else None
                where = {"line": line.number, "field": error.field, "action": error.remedy}
                results.append({"id": case_id, "error": str(error), **where})
    say({"results": results})
    raise typer.Exit(status)


def _status(outcome: "Outcome") -> int:
    if outcome.error is not None:
        return BAD_INPUT
    return REFUSED if outcome.refused else DONE


def _told(line: "Line", facts: "FileImport", *, machine: bool) -> int:
    """Tell it and say what came of it; the status it comes to. A store that goes away stops the import."""
    from eventsourcing.persistence import PersistenceError

    try:
        outcome, unreadable = facts.tell(line)
    except (PersistenceError, OSError) as fault:
        fail(f"{fault}; stopped at line {line.number}{_STOPPED}", STOPPED, as_json=machine)
    _report([*outcome.report(), *(each.report() for each in unreadable)], machine=machine)
    return BAD_INPUT if unreadable else _status(outcome)


def _report(messages: "Sequence[dict[str, Any]]", *, machine: bool) -> None:
    from spowatch.importing import spoken

    for message in messages:
        said = None if machine else spoken(message)
        if machine:
            say(message)
        elif said is not None:
            sys.stdout.write(f"{said}\n")


@contextmanager
def _bytes(source: str) -> "Iterator[IO[bytes]]":
    if source == "-":
        yield sys.stdin.buffer
        return
    try:
        file = open(source, "rb")  # noqa: PTH123, SIM115 - closed below; a missing file is bad input
    except OSError as error:
        fail(f"{source}: {error.strerror}", BAD_INPUT)
    with file:
        yield file


@contextmanager
def _progress(source: str, *, machine: bool) -> "Iterator[Any]":
    """A bar on standard error while a person waits; nothing for a program."""
    if machine or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(source, total=None)
        yield lambda: progress.advance(task)
