"""`desk handover` and `desk sign-off`: what a shift leaves is taken by name, alert by alert."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from spowatch.cli.alerts import FEWEST_DIGITS, found_or_fail
from spowatch.cli.hands import (
    NO_NAMES,
    AlertId,
    As,
    OwnForce,
    Role,
    Terminal,
    checked,
    hand,
    own_hand,
)
from spowatch.cli.output import AsJson, DataDir, fail, faults_explained, say, store_opened

if TYPE_CHECKING:
    from domain.desk.handovers import Handover
    from domain.desk.shift_desk import ShiftDesk
    from spowatch.open_store import Store

app = typer.Typer(
    name="handover",
    add_completion=False,
    no_args_is_help=True,
    help="Hand a shift over: prepare, accept, sign.",
)

sign_off_app = typer.Typer(add_completion=False)

HandoverId = Annotated[
    str, typer.Argument(metavar="HANDOVER_ID", help="Its id, or the first 6 digits or more of it")
]
_DIGITS = frozenset("0123456789abcdef")


@app.callback()
def handover() -> None:
    """Hand a shift over: prepare, accept, sign."""


@app.command("prepare", epilog=NO_NAMES)
def prepare(  # noqa: PLR0913 - one parameter an option
    *,
    staff: As,
    force: OwnForce,
    note: Annotated[
        str, typer.Option("--note", help="What the next shift must know; no names")
    ] = "",
    role: Role = "operator",
    terminal: Terminal = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Whoever leaves reads out what is theirs. It stays theirs until it is taken by name."""
    from domain.facts.words import ShortText
    from domain.open_alerts import alerts_of
    from spowatch.wiring.store import now
    from spowatch.wording.desk_rows import case_line, case_row

    leaver = own_hand(staff, role, force, terminal, as_json=as_json)
    said = checked("--note", ShortText, note, "write at most 200 characters", as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        theirs = alerts_of(store.register, staff, leaver.force)
        prepared = _desk(store).prepare(leaver, theirs, now(), said)
    if as_json:
        say({"id": str(prepared.id), "alerts": [case_row(each) for each in theirs]})
        return
    typer.echo(f"hand-over {str(prepared.id)[:8]}: {len(theirs)} to be taken by name")
    for each in theirs:
        typer.echo(case_line(each))


@app.command("accept")
def accept(  # noqa: PLR0913 - one parameter an option
    handover_id: HandoverId,
    alert_id: AlertId,
    *,
    staff: As,
    role: Role = "operator",
    terminal: Terminal = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Take one alert of a hand-over; it is yours from now on."""
    from spowatch.wiring.store import now
    from spowatch.wording.desk_rows import case_line, case_row

    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        found = _found(store, handover_id, as_json=as_json)
        _, alert = found_or_fail(store, alert_id, as_json=as_json)
        taker = hand(staff, role, found.force, terminal, as_json=as_json)
        case = _desk(store).accept(found.id, alert, taker, now())
    if as_json:
        say(case_row(case))
    else:
        typer.echo(case_line(case))


@app.command("sign")
def sign(
    handover_id: HandoverId,
    *,
    staff: As,
    role: Role = "operator",
    terminal: Terminal = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Whoever takes over signs: nothing is left with the shift that goes."""
    from spowatch.wiring.store import now

    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        found = _found(store, handover_id, as_json=as_json)
        taker = hand(staff, role, found.force, terminal, as_json=as_json)
        signed = _desk(store).sign(found.id, taker, now())
    if as_json:
        say(_row(signed))
    else:
        typer.echo(_line(signed))


@app.command("list")
def list_handovers(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Signed ones too")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Hand-overs that nobody has signed yet, the oldest first, each alert as it stands."""
    from domain.desk.reading import read_case
    from spowatch.wording.desk_rows import case_line

    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        some = [each for each in _handovers(store) if everything or not each.signed]
        lines = {
            alert: case_line(read_case(store.register, alert))
            for each in some
            if not (as_json or each.signed)
            for alert in each.alerts
        }
    if as_json:
        say({"handovers": [_row(each) for each in some]})
        return
    for each in some:
        typer.echo(_line(each))
        if each.note:
            typer.echo(f"  {each.note}")
        for alert in () if each.signed else each.alerts:
            typer.echo(f"  {lines[alert]}; taken by {each.accepted.get(alert) or 'nobody yet'}")


@sign_off_app.command("sign-off")
def sign_off(
    *,
    staff: As,
    force: OwnForce,
    role: Role = "operator",
    terminal: Terminal = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Go off duty. Refused while an open alert of priority 1 is yours: hand it over first."""
    from domain.open_alerts import alerts_of
    from spowatch.wiring.store import now

    leaver = own_hand(staff, role, force, terminal, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        theirs = alerts_of(store.register, staff, leaver.force)
        _desk(store).sign_off(leaver, theirs, now())
    left = f"; {len(theirs)} of lower priority still theirs" if theirs else ""
    if as_json:
        say({"signed_off": staff, "alerts": [str(each.id) for each in theirs]})
    else:
        typer.echo(f"{staff} is signed off{left}")


def _desk(store: "Store") -> "ShiftDesk":
    from domain.desk.shift_desk import ShiftDesk

    return ShiftDesk(store.register, rotas=store.policy.current().rotas)


def _handovers(store: "Store") -> "list[Handover]":
    from domain.desk.handovers import Handover, HandoverPrepared
    from spowatch.log_pages import pages, stream_of

    found = [stream_of(each) for each in pages(store, [HandoverPrepared.TOPIC])]
    return [store.register.read(Handover(each)) for each in found]


def _found(store: "Store", text: str, *, as_json: bool) -> "Handover":
    digits = text.lower().replace("-", "")
    some = [each for each in _handovers(store) if each.id.hex.startswith(digits)]
    if len(digits) < FEWEST_DIGITS or not set(digits) <= _DIGITS or len(some) != 1:
        fail(
            f"{len(some)} hand-overs begin with {text[:40]!r}; see `desk handover list`",
            as_json=as_json,
        )
    return some[0]


def _row(handover: "Handover") -> dict[str, Any]:
    return {
        "id": str(handover.id),
        "force": handover.force,
        "left_by": handover.left_by,
        "note": handover.note,
        "alerts": [_taken(handover, each) for each in handover.alerts],
        "signed": handover.signed,
    }


def _taken(handover: "Handover", alert: UUID) -> dict[str, Any]:
    return {"id": str(alert), "accepted_by": handover.accepted.get(alert)}


def _line(handover: "Handover") -> str:
    open_ = len(handover.alerts) - len(handover.accepted)
    state = "signed" if handover.signed else f"not signed, {open_} not taken by name"
    return f"{str(handover.id)[:8]}  {handover.force}, left by {handover.left_by}: {state}"
