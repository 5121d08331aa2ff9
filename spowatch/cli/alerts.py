"""`alerts`: the list, the briefing on one of them, and the new ones as they come."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from spowatch.cli import board
from spowatch.cli.orders import known_force_or_fail
from spowatch.cli.output import (
    BAD_INPUT,
    AsJson,
    DataDir,
    fail,
    faults_explained,
    say,
    store_opened,
)
from spowatch.cli.purposes import NOT_STATED, Why, purpose_or_fail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.desk.record import AlertOnRecord
    from spowatch.open_store import Store

app = typer.Typer(
    no_args_is_help=True, help="Arrest alerts, and the reviews and tasks beside them."
)

FEWEST_DIGITS = 6
_BATCH = 500
_WAIT = 0.5
"""Seconds between two looks at whether to stop, when nothing comes."""


class AsksFor(StrEnum):
    """What an alert asks for."""

    ARREST = "arrest"
    REVIEW = "review"
    PROTECTION = "protection"
    TASK = "task"


@app.callback()
def alerts() -> None:
    """Arrest alerts, and the reviews and tasks beside them."""


@app.command("list")
def list_alerts(  # noqa: PLR0913 - one parameter an option
    *,
    force: Annotated[str | None, typer.Option("--force", help="Only that force's alerts")] = None,
    desk: Annotated[
        str | None, typer.Option("--desk", help="Only what goes to that desk of the policy")
    ] = None,
    asked: Annotated[
        AsksFor | None, typer.Option("--class", help="Only those that ask that")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Withdrawn ones too")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many")] = 50,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """The alerts standing, the most urgent first, then the newest. Nobody's name is shown."""
    from spowatch.log_pages import alerts as placed_alerts
    from spowatch.wording.alert_rows import rows

    known_force = known_force_or_fail(force, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        placed = placed_alerts(store).values()
        book = store.policy.current()
    if desk is not None and desk not in book.desks:
        known = ", ".join(sorted(book.desks)[:5])
        fail(f"--desk: no desk {desk[:40]!r}; there are {known} ...", BAD_INPUT, as_json=as_json)
    chosen = [
        row
        for row in rows(placed)
        if (everything or not row["withdrawn"])
        and known_force in (None, row["force"])
        and asked in (None, row["class"])
        and (desk is None or desk in book.desks_of([row["answers"], *row["must_know"]]))
    ]
    if as_json:
        say({"alerts": chosen[:limit], "next": None, "more": max(0, len(chosen) - limit)})
        return
    for row in chosen[:limit]:
        typer.echo(_line(row))
    if len(chosen) > limit:
        typer.echo(f"and {len(chosen) - limit} more; --limit shows them", err=True)


@app.command("show")
def show(
    alert_id: Annotated[
        str, typer.Argument(metavar="ALERT_ID", help="Its id, or the first 6 digits or more of it")
    ],
    *,
    why: Why = NOT_STATED,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """The briefing: what an officer needs to know to act lawfully. Holds personal data."""
    from domain.desk.case_file import case_file
    from spowatch.briefing import briefing
    from spowatch.briefing.text import render
    from spowatch.consulted import of_briefing, put_on_record
    from spowatch.wiring.store import now

    purpose = purpose_or_fail(why, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        position, identity = found_or_fail(store, alert_id, as_json=as_json)
        found = case_file(store.register, identity)
        put_on_record(store, of_briefing(found, purpose), now())
        told = briefing(found.alert, found.order, found.person_orders, now(), position=position)
    if as_json:
        say(told)
    else:
        typer.echo(render(told), nl=False)


@app.command("tail")
def tail(
    *,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Those already raised first")
    ] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Alerts as they are raised and withdrawn, until Ctrl-C. Nobody's name is shown."""
    from spowatch.wording.alert_rows import row_of

    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        after = 0 if from_start else store.log.max_notification_id() or 0
        try:
            for alert in _following(store, after):
                row = row_of(alert)
                if as_json:
                    say(row)
                else:
                    typer.echo(_line(row))
        except KeyboardInterrupt:
            return


def _following(store: "Store", position: int) -> "Iterator[AlertOnRecord]":
    """Each alert past `position`, as it stood when that was recorded; waits for more for ever."""
    from domain.alerts import AlertRaised, AlertWithdrawn
    from domain.desk.record import AlertOnRecord
    from spowatch.log_pages import stream

    while True:
        for event in store.events.read(position, limit=_BATCH, wait=_WAIT):
            position = event.position
            if event.topic in (AlertRaised.TOPIC, AlertWithdrawn.TOPIC):
                alert = AlertOnRecord(event.stream_id)
                alert.fold(stream(store, event.stream_id, upto=event.version))
                yield alert


app.command("work")(board.work)


def found_or_fail(store: "Store", text: str, *, as_json: bool) -> tuple[int, UUID]:
    """Position and id of the one alert whose id begins so; ends the command when there is none."""
    from spowatch.log_pages import alerts_raised

    digits = text.lower().replace("-", "")
    if len(digits) < FEWEST_DIGITS or not set(digits) <= set("0123456789abcdef"):
        problem = f"{text[:40]!r} is no alert id; give 6 or more of its hexadecimal digits"
        fail(problem, BAD_INPUT, as_json=as_json)
    found = [each for each in alerts_raised(store) if each[1].hex.startswith(digits)]
    if not found:
        fail(f"no alert {text[:40]}; see `spowatch alerts list --all`", as_json=as_json)
    if len(found) > 1:
        some = ", ".join(str(identity) for _, identity in found[:5])
        problem = f"{len(found)} alerts begin with {text}: {some}; give more digits"
        fail(problem, BAD_INPUT, as_json=as_json)
    return found[0]


def _line(row: dict[str, Any]) -> str:
    condition = row["condition"] or ""
    because = "; ".join(row["priority_because"])
    was = f"  (raised P{row['raised_priority']}; {because})"
    changed = was if row["raised_priority"] != row["priority"] else ""
    state = f"  WITHDRAWN ({row['withdrawn_because']})" if row["withdrawn"] else ""
    return (
        f"{row['id'][:8]}  P{row['priority']}  {row['kind']:<28}  {condition:<18}  "
        f"{row['raised']}  {row['force']}, {row['order']}{changed}{state}"
    )
