"""`kafka-check`: which guarantees a Kafka cluster really gives."""

from typing import Annotated

import typer

from spowatch.cli.output import REFUSED, AsJson, fail, say


def kafka_check(
    *,
    bootstrap: Annotated[
        str, typer.Option("--bootstrap", help="HOST:PORT of a broker, or several")
    ],
    as_json: AsJson = False,
) -> None:
    """Try out what we rely on, on a topic of its own. Exit status 1 when something is not given."""
    from spowatch.kafka_guarantees import CheckImpossible, guarantees

    try:
        seen = list(guarantees(bootstrap))
    except CheckImpossible as impossible:
        fail(str(impossible), REFUSED, as_json=as_json)
    ok = all(each.given for each in seen)
    if as_json:
        say({"ok": ok, "guarantees": [each.as_dict() for each in seen]})
    for each in () if as_json else seen:
        remedy = "" if each.given else f"; {each.remedy}"
        typer.echo(f"{'ok  ' if each.given else 'FAIL'} {each.name}: {each.found}{remedy}")
    if not ok:
        raise typer.Exit(REFUSED)
