"""`migrate`, `digest`, `rebuild`, `export`, `doctor`, `shred`: for the team on call."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from spowatch.cli.output import (
    BAD_INPUT,
    LAST_POSITION,
    REFUSED,
    AsJson,
    DataDir,
    fail,
    faults_explained,
    say,
    store_opened,
)
from spowatch.sheet_names import SheetName


def migrate(*, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Create or upgrade the store, its key store and its master key. Roles never do it."""
    from spowatch.wiring.store import migrate as migrate_store
    from spowatch.wiring.store import settings_for

    with faults_explained(as_json=as_json):
        settings = settings_for(data_dir)
        migrate_store(settings)
        if as_json:
            say({"log": settings.log_named, "keys": settings.keys_named})
        else:
            sys.stdout.write(f"log {settings.log_named}, keys {settings.keys_named}: ready\n")


def digest(
    *,
    at: Annotated[
        int | None, typer.Option("--at", min=0, max=LAST_POSITION, help="Up to this position")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Events, last position, and the hashes that equal logs and equal sheets share."""
    from spowatch.doctor.inspection import digest as digest_of
    from spowatch.sheets import digests

    with faults_explained(), store_opened(data_dir) as store:
        sheets = digests(store) if at is None else {}
        say(digest_of(store, at=at) | {"projections": sheets})


_EVERY = ("deadline_sheet", *SheetName, "all")


def rebuild(
    name: Annotated[str, typer.Argument(help=f"Which sheet: {', '.join(_EVERY)}")],
    *,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Read a sheet anew from the start of the log. Roles may go on meanwhile."""
    from spowatch.sheets import rebuilt

    if name not in _EVERY:
        fail(f"there is no sheet {name[:40]!r}; there are {', '.join(_EVERY)}", BAD_INPUT)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        done = rebuilt(store, name)
    if as_json:
        say(done)
        return
    for sheet, told in done.items():
        differed = f", {told['differed']} of them other than before" if told.get("differed") else ""
        sys.stdout.write(f"{sheet}: {told['rows']} rows{differed}\n")


def export(
    *,
    start: Annotated[
        int, typer.Option("--from", min=1, max=LAST_POSITION, help="First position")
    ] = 1,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """The log as JSON lines, without anything personal."""
    from spowatch.doctor.inspection import exported

    with faults_explained(), store_opened(data_dir) as store:
        for row in exported(store, start=start):
            say(row)


def doctor(
    *,
    targets: Annotated[
        Path | None,
        typer.Option("--targets", help="Ask each process in this file of Prometheus's targets"),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Whether this store and all around it can be relied on. Exit 1 when something is not as it must be.

    A line for each thing asked. What does not answer within its time is said not to.
    """
    from spowatch.doctor.inspection import Check, checks
    from spowatch.doctor.surroundings import surroundings
    from spowatch.wiring.store import now

    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        found = [*checks(store, now()), *(Check(*x) for x in surroundings(store, now, targets))]
    if as_json:
        say({"ok": all(check.ok for check in found), "checks": [c.as_dict() for c in found]})
    for check in found if not as_json else ():
        verdict = "ok  " if check.ok else "FAIL"
        remedy = "" if check.ok else f"; {check.remedy}"
        sys.stdout.write(f"{verdict} {check.check}: {check.found}{remedy}\n")
    if not all(check.ok for check in found):
        raise typer.Exit(REFUSED)


def shred(
    reference: Annotated[str, typer.Argument(metavar="ORDER", help="The order's reference")],
    *,
    about: Annotated[
        Literal["defendant", "protected"], typer.Option(help="Whose words become unreadable")
    ],
    reason: Annotated[str, typer.Option(help="A code word for the record, e.g. retention_ended")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Erase a person's words for ever by destroying their key. The order and its history stay."""
    from domain.facts.words import is_word
    from spowatch.shredding import shred as shred_key
    from spowatch.wiring.store import now

    if not is_word(reason):
        fail("--reason: one code word, such as retention_ended", BAD_INPUT, as_json=as_json)
    if not yes and not typer.confirm(f"Erase for ever the {about}'s words in {reference}?"):
        raise typer.Exit(REFUSED)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        key_id = shred_key(store, reference, about, reason, at=now())
        if as_json:
            say({"order": reference, "about": about, "key": str(key_id)})
        else:
            sys.stdout.write(f"{reference}: the {about}'s words are erased\n")
