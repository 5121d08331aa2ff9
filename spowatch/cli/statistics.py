"""`statistics`: what happened in a period, by force; for publication unless asked otherwise."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spowatch.cli.output import (
    BAD_INPUT,
    AsJson,
    DataDir,
    fail,
    faults_explained,
    say,
    store_opened,
)

if TYPE_CHECKING:
    from projections.statistics import Figures

_WITHHELD = "c"


def statistics(
    *,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="First day, as 2026-01-01")],
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="Last day, counted too")],
    exact: Annotated[
        bool, typer.Option("--exact", help="Not rounded, nothing withheld: not for publication")
    ] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Applications, orders, breaches and the rest in a period, by force. Nobody can be told from it."""
    from projections.statistics import figures
    from spowatch.case_list import brought_up
    from spowatch.sheet_names import SheetName
    from spowatch.wiring.store import now

    period = (_day("--from", first, as_json=as_json), _day("--to", last, as_json=as_json))
    if period[1] < period[0]:
        fail(f"--to: {last} is before {first}; exchange them", BAD_INPUT, as_json=as_json)
    with (
        faults_explained(as_json=as_json),
        store_opened(data_dir) as store,
        brought_up(store, SheetName.STATISTICS, now()) as sheet,
    ):
        told = _told(figures(sheet, *period), exact=exact)
    if as_json:
        say(told)
        return
    for force, counts in told["by_force"].items():
        _say(force, counts)
    _say("All forces", told["total"])
    kind = "exact" if exact else "rounded to 5; c is 1 to 4, withheld"
    typer.echo(f"{first} to {last}, {kind}; of the log up to {told['position']}")


def _told(found: "Figures", *, exact: bool) -> dict[str, Any]:
    from projections.disclosure import publishable, publishable_total

    return {
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "position": found.position,
        "rules": found.rules,
        "exact": exact,
        "by_force": found.by_force if exact else publishable(found),
        "total": found.total if exact else publishable_total(found),
    }


def _day(option: str, text: str, *, as_json: bool) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(
            f"{option}: {text[:40]!r} is no day; write it as 2026-01-31", BAD_INPUT, as_json=as_json
        )


def _say(force: str, counts: dict[Any, int | None]) -> None:
    shown = {m: n for m, n in counts.items() if n != 0}
    words = ", ".join(
        f"{m.replace('_', ' ')} {_WITHHELD if n is None else n}" for m, n in shown.items()
    )
    typer.echo(f"{force or 'no force named'}: {words or 'nothing'}")
