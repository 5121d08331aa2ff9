"""`backup` and `restore`."""

import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spowatch.cli.output import BAD_INPUT, REFUSED, AsJson, DataDir, fail, faults_explained, say

if TYPE_CHECKING:
    from spowatch.backup.restoring import Restored


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for this backup")],
    *,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Only the log; keys are backed up elsewhere")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Copy the log, and in a part of their own the keys, while the store is at work."""
    from spowatch.backup.manifest import KEYS_FOLDER, BackupRefused
    from spowatch.wiring.backup import back_up
    from spowatch.wiring.store import now, settings_for

    with faults_explained(as_json=as_json):
        settings = settings_for(data_dir)
        try:
            made = back_up(settings, folder, with_keys=not without_keys, at=now())
        except BackupRefused as refused:
            fail(str(refused), as_json=as_json)
    if as_json:
        say(made.model_dump(mode="json") | {"keys": not without_keys})
        return
    sys.stdout.write(f"{folder}: {made.rows} events up to position {made.last_position}\n")
    if without_keys:
        sys.stdout.write(
            "WITHOUT KEYS: from this backup alone no name and no narrative can be read\n"
        )
    else:
        sys.stdout.write(
            f"its keys are in {folder / KEYS_FOLDER}: keep them apart from the log, and no longer than "
            "an erased person's key may be brought back\n"
        )
    sys.stdout.write("the master key is in no backup: keep a copy of it in a third place\n")


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The backup")],
    *,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="TIME", help="As it was then, such as 2026-11-22T07:30:05Z"),
    ] = None,
    keys: Annotated[
        Path | None, typer.Option("--keys", metavar="DIR", help="Its keys, where they were moved")
    ] = None,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Though nothing personal can then be read")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a store from a backup where there is none. It sends nothing until `release-sending`."""
    from spowatch.backup.manifest import BackupRefused
    from spowatch.wiring.backup import restore as restore_store
    from spowatch.wiring.store import settings_for

    if keys is not None and without_keys:
        fail("--keys or --without-keys: say one of them", BAD_INPUT, as_json=as_json)
    instant = None if to is None else _instant(to, as_json=as_json)
    with faults_explained(as_json=as_json):
        settings = settings_for(data_dir)
        try:
            done = restore_store(
                settings, folder, to=instant, keys_folder=keys, without_keys=without_keys
            )
        except BackupRefused as refused:
            fail(str(refused), REFUSED, as_json=as_json)
    _tell(done, as_json=as_json)
    if without_keys and not as_json:
        sys.stdout.write(
            "WITHOUT KEYS: the log can be verified, counted and exported; no order can be read, and `spowatch "
            "run` refuses. To work with it restore again with --keys, into a new directory\n"
        )


def _tell(done: "Restored", *, as_json: bool) -> None:
    if as_json:
        say(asdict(done))
        return
    sys.stdout.write(
        f"{done.events} events up to position {done.last_position}, {done.left_out} later ones left "
        f"out; {done.keys} keys, {done.erased} erased ones kept out\n"
        "next: `spowatch doctor`; nothing is sent before `spowatch "
        "release-sending`; the log is sealed anew: name a new witness file\n"
    )


def _instant(text: str, *, as_json: bool) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        problem = f"--to: {text[:40]!r} is no instant; write it as 2026-11-22T07:30:05Z"
        fail(problem, BAD_INPUT, as_json=as_json)
    return found
