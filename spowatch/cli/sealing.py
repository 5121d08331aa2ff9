"""`verify`: whether the log is what was sealed."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spowatch.cli.output import BAD_INPUT, REFUSED, AsJson, DataDir, fail, faults_explained, say

if TYPE_CHECKING:
    from spowatch.sealing.notes import PublicKey
    from spowatch.sealing.verifying import Verified
    from spowatch.settings.root import Settings


def verify(
    *,
    witness: Annotated[
        Path | None, typer.Option("--witness", help="The witness; over SPO_SEAL__WITNESS")
    ] = None,
    public_key: Annotated[
        Path | None,
        typer.Option("--public-key", help="Who may have signed, one a line; else the key's .pub"),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Whether the log is what its witness has seen. Exit status 1, and where, when it is not."""
    from spowatch.sealing.seal_key import public_path
    from spowatch.sealing.verifying import CheckpointsRefused, lines_of, verified
    from spowatch.sealing.witness import torn_in
    from spowatch.wiring.log import opened_log
    from spowatch.wiring.store import settings_for

    with faults_explained(as_json=as_json):
        settings = settings_for(data_dir)
        keys = _keys(public_key or public_path(settings.seal_key_path), as_json=as_json)
        by = witness or settings.seal.witness
        try:
            seen = _seen(by, settings)
            lines = lines_of(seen, keys)
        except CheckpointsRefused as refused:
            what = f"{by or 'the checkpoints of the store'}: {refused}"
            fail(f"{what}; see docs/runbook/operations.md#seal_refused", BAD_INPUT, as_json=as_json)
        with opened_log(settings) as (log, _):
            found = verified(log, lines)
    _tell(found, by, torn_in(seen), as_json=as_json)
    if found.differences:
        raise typer.Exit(REFUSED)


def _keys(path: Path, *, as_json: bool) -> "dict[str, PublicKey]":
    from spowatch.sealing.notes import NoteRefused
    from spowatch.sealing.seal_key import known_keys

    try:
        return known_keys(path)
    except (OSError, NoteRefused) as fault:
        why = getattr(fault, "strerror", None) or str(fault)
        problem = f"{path}: {why}; name the public keys of the seal with --public-key"
        fail(problem, BAD_INPUT, as_json=as_json)


def _seen(by: Path | None, settings: "Settings") -> str:
    from spowatch.sealing.verifying import witness_text
    from spowatch.store.checkpoints import notes_after
    from spowatch.wiring.seal import kept_checkpoints

    if by is not None:
        return witness_text(by)
    with kept_checkpoints(settings) as kept:
        return "\n".join(note for each in kept.origins() for note in notes_after(kept, each, 0))


def _tell(found: "Verified", by: Path | None, torn: int, *, as_json: bool) -> None:
    if as_json:
        say(_told(found, by) | {"torn": torn})
        return
    for each in found.differences:
        upto = "" if each.first == each.last else f" to {each.last}"
        sys.stdout.write(f"position {each.first}{upto} {each.what} (sealed by {each.origin})\n")
    for line in found.lines:
        when = line.sealed_at.isoformat(timespec="seconds")
        sys.stdout.write(f"{line.origin}: {line.size} events sealed until {when}\n")
    if torn:
        sys.stdout.write(
            f"pieces that are no whole checkpoint, torn by a crash or cut off: {torn}\n"
        )
    if by is None:
        sys.stdout.write("no witness: only the store's own checkpoints were looked at\n")
    verdict = "NOT what was sealed" if found.differences else "as sealed"
    sys.stdout.write(f"{found.events} events, {found.unsealed} not sealed yet: {verdict}\n")


def _told(found: "Verified", by: Path | None) -> dict[str, Any]:
    return {
        "ok": not found.differences,
        "witnessed": by is not None,
        "events": found.events,
        "last_position": found.last_position,
        "sealed": found.sealed,
        "unsealed": found.unsealed,
        "differences": [
            {"origin": each.origin, "first": each.first, "last": each.last, "what": each.what}
            for each in found.differences
        ],
    }
