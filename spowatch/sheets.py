"""Every sheet there is, for the command line: their hashes, and how they are made anew."""

from contextlib import suppress
from typing import Any

from projections.store import Moved, NotBuilt, digest_of
from spowatch import pending
from spowatch.open_store import Store
from spowatch.sheet_names import SheetName
from spowatch.wiring.projections import projection, there_are_projections
from spowatch.wiring.store import now

EVERY = "all"


class Overtaken(OSError):
    """Another rebuild of the same sheet, begun later, is under way or done."""


def digests(store: Store) -> dict[str, str]:
    """The hash of every sheet there is; two sheets with equal rows share it."""
    found = pending.digests(store)
    if there_are_projections(store.settings):
        for name in SheetName:
            with projection(name, store, now) as (_, sheet), suppress(NotBuilt):
                found[name] = digest_of(sheet.rows())
    return found


def rebuilt(store: Store, name: str) -> dict[str, dict[str, Any]]:
    """The sheet of that name made anew, or all: how many rows, and how many were otherwise before.

    `differed` is None where the sheet was not compared with the one before it.
    """
    done: dict[str, dict[str, Any]] = {}
    for each in SheetName:
        if name in (each, EVERY):
            done[each] = _rebuilt(store, each)
    if name in (pending.SHEET, EVERY):
        done[pending.SHEET] = {"rows": pending.rebuilt(store)}
    return done


def _rebuilt(store: Store, name: SheetName) -> dict[str, Any]:
    with projection(name, store, now) as (runner, sheet):
        try:
            differed = runner.rebuild()
        except Moved as moved:
            msg = f"{name}: another rebuild began later and has taken over; wait for it"
            raise Overtaken(msg) from moved
        runner.catch_up(store.log.max_notification_id() or 0)
        return {"rows": sum(1 for _ in sheet.rows()), "differed": differed}
