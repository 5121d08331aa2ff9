"""`pipeline`: how far every stage is behind the log, for the team on call."""

import sys

from spowatch.cli.output import AsJson, DataDir, faults_explained, say, store_opened


def pipeline(*, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """How far every stage is behind the log, and what it goes on without."""
    from spowatch.pipeline import pipeline as looked_at

    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        found = looked_at(store)
    if as_json:
        say(found.as_dict())
        return
    lines = [f"log: {found.head} events"]
    lines += [f"{name}: {found.head - at} behind" for name, at in found.readers.items()]
    for sheet in found.sheets:
        lines.append(_sheet(sheet.name, sheet.position, sheet.behind, superseded=sheet.superseded))
    lines += [
        f"{stage}: SILENT, see docs/runbook/operations.md#stage_silent" for stage in found.silent
    ]
    if found.parked:
        lines.append(f"parked: {found.parked}, see `spowatch dead-letters list`")
    if found.unread:
        lines.append(
            f"messages nobody could read: {found.unread}, see `spowatch dead-letters list`"
        )
    sys.stdout.write("\n".join(lines) + "\n")


def _sheet(name: str, position: int | None, behind: int, *, superseded: bool) -> str:
    if position is None:
        return f"{name}: not made yet; the role project makes it"
    other = ", kept by another release" if superseded else ""
    return f"{name}: {behind} behind{other}"
