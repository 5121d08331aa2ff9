"""The end of a seed: nothing owed, everything said and sent, and the sheets made anew are the same."""

import json
from collections.abc import Iterator
from uuid import UUID

from projections.deadline_sheet import Row
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from projections.store import digest_of
from spowatch.sheet_names import SheetName
from spowatch.wiring.projections import projection
from spowatch.wiring.store import sweep
from tests.simulation.edge import Endpoint
from tests.simulation.ledger import Ledger
from tests.simulation.oracle import Oracle
from tests.simulation.world import Violation, World


def came_right(world: World, oracle: Oracle, endpoint: Endpoint, ledger: Ledger) -> str:
    """What the console said, as text. Raises `Violation`."""
    ledger.read()
    oracle.settled()
    keys = list(_said(world))
    for fault in (
        *_not_told(ledger),
        *_not_said(keys, ledger),
        *_not_sent(endpoint, ledger),
        *_changed(endpoint),
        *_differing(world, ledger),
        *_deadlines_differ(world, ledger),
    ):
        raise Violation(fault)
    return " ".join(keys)


def _not_told(ledger: Ledger) -> Iterator[str]:
    for command in sorted(ledger.facts.keys() - ledger.told):
        yield f"{command} is not on record"


def _said(world: World) -> Iterator[str]:
    text = world.settings.console_path.read_text(encoding="utf-8")
    return (json.loads(line)["key"] for line in text.splitlines())


def _not_said(keys: list[str], ledger: Ledger) -> Iterator[str]:
    if len(set(keys)) < len(keys):
        yield "the console said something twice"
    for alert, heard in ledger.alerts.items():
        if heard.is_told and f"{alert}:raised" not in keys:
            yield f"{heard.reference}: {alert} was never said"


def _not_sent(endpoint: Endpoint, ledger: Ledger) -> Iterator[str]:
    arrived = {identity for identity, _, _ in endpoint.arrived} | endpoint.refused
    # What was withdrawn before it was taken is told by its withdrawal alone.
    arrived |= {alert for _, alert, what in endpoint.arrived if what == "withdrawn"}
    for alert, heard in ledger.alerts.items():
        if heard.is_told and alert not in arrived:
            yield f"{heard.reference}: {alert} was never sent"


def _changed(endpoint: Endpoint) -> Iterator[str]:
    """An id is one message for ever, and one message has one id."""
    meant: dict[UUID, tuple[UUID, str]] = {}
    raised: dict[UUID, UUID] = {}
    for identity, alert, what in endpoint.arrived:
        if meant.setdefault(identity, (alert, what)) != (alert, what):
            yield f"{identity} was sent as {meant[identity]} and as {what}"
        if what == "raised" and raised.setdefault(alert, identity) != identity:
            yield f"{alert} was raised under two ids"


def _differing(world: World, ledger: Ledger) -> Iterator[str]:
    for name in SheetName:
        with projection(name, ledger.store, world.clocks.wall) as (runner, rows):
            runner.catch_up(ledger.position)
            live = digest_of(rows.rows())
            differed = runner.rebuild()
            if differed or digest_of(rows.rows()) != live:
                yield f"the sheet {name} made anew differs in {differed} rows"


def _deadlines_differ(world: World, ledger: Ledger) -> Iterator[str]:
    live = _rows(world, ledger, SqliteDeadlineSheet(world.settings.sheets_path))
    anew = _rows(world, ledger, SqliteDeadlineSheet(world.settings.data_dir / "anew.db"))
    for row in live ^ anew:
        yield f"{row} stands on one deadline sheet alone"


def _rows(world: World, ledger: Ledger, sheet: SqliteDeadlineSheet) -> set[Row]:
    sweeping = sweep(ledger.store, sheet, world.clocks.wall)
    while sweeping.read(0):
        pass
    rows = set(sheet.rows())
    sheet.close()
    return rows
