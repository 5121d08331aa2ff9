"""`desk deliveries`, `release-sending`, `send-from`: what went out of the house, and whether it may."""

from datetime import datetime
from typing import Annotated, Any

import typer

from spowatch.cli.alerts import found_or_fail
from spowatch.cli.output import (
    BAD_INPUT,
    AsJson,
    DataDir,
    fail,
    faults_explained,
    say,
    store_opened,
)


def deliveries(
    alert_id: Annotated[
        str, typer.Argument(metavar="ALERT_ID", help="Its id, or the first 6 digits or more of it")
    ],
    *,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Every attempt to bring an alert to people outside, and what came of it."""
    from spowatch.delivery_log import deliveries as deliveries_of

    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        position, identity = found_or_fail(store, alert_id, as_json=as_json)
        found = list(deliveries_of(store, identity, after=position))
    if as_json:
        say({"alert": str(identity), "deliveries": found})
        return
    if not found:
        typer.echo("nobody outside was to be told of it")
    for each in found:
        typer.echo(f"{each['channel']} {each['receiver']}, {each['what']}: {each['state']}")
        for line in each["record"]:
            typer.echo(f"  {line['at'].isoformat(timespec='milliseconds')}  {_words(line)}")


def release_sending(
    *,
    staff: Annotated[
        str, typer.Option("--as", metavar="STAFF", help="Your collar or payroll number")
    ],
    reason: Annotated[str, typer.Option("--reason", help="What you looked at; it goes on record")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Let alerts go out again from a store that was restored, or from a machine that is new to it."""
    from spowatch.releasing import release
    from spowatch.wiring.store import now

    if not reason.strip():
        fail("--reason: say why it may be sent", BAD_INPUT, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        try:
            released = release(store, staff, reason, now())
        except ValueError as error:
            fail(str(error), BAD_INPUT, as_json=as_json)
    if as_json:
        say({"released": released})
    elif released:
        typer.echo(f"released: {', '.join(released)}; what is still to be sent goes out now")
    else:
        typer.echo("nothing is held")


def send_from(
    receiver: Annotated[
        str, typer.Argument(metavar="RECEIVER", help="By its name, such as webhook or cap-essex")
    ],
    *,
    since: Annotated[
        datetime,
        typer.Option("--since", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help="London time"),
    ],
    staff: Annotated[
        str, typer.Option("--as", metavar="STAFF", help="Your collar or payroll number")
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why; it goes on record")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Send one receiver every alert raised since then, but what it took already; it begins at once."""
    from domain.calendar import LONDON
    from spowatch.sending_from import send_from as send
    from spowatch.wiring.store import now

    begin = since.replace(tzinfo=LONDON)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        try:
            alerts = send(store, receiver, begin, staff, reason, now())
        except ValueError as error:
            fail(str(error), BAD_INPUT, as_json=as_json)
    if as_json:
        say({"receiver": receiver, "alerts": alerts})
    else:
        typer.echo(f"{receiver}: {alerts} alerts since then; what it has not taken goes out now")


def _words(line: dict[str, Any]) -> str:
    attempt = f" {line['attempt']}" if "attempt" in line else ""
    said = f": {line['said']}" if line.get("said") else ""
    again = line.get("again_at")
    return f"{line['happened']}{attempt}{said}" + (f", again at {again:%H:%M:%S}Z" if again else "")
