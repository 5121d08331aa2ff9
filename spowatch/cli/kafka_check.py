"""`kafka-check`: which guarantees a Kafka cluster really gives."""

import typer

from spowatch.cli.output import REFUSED, AsJson, Bootstrap, fail, faults_explained, say


def kafka_check(*, bootstrap: Bootstrap = None, as_json: AsJson = False) -> None:
    """Try out what we rely on, on a topic of its own. Exit status 1 when something is not given."""
    from spowatch.kafka.guarantees import CheckImpossible, guarantees
    from spowatch.kafka.security import reach_at
    from spowatch.settings.root import read_settings

    try:
        with faults_explained(as_json=as_json):
            seen = list(guarantees(reach_at(bootstrap, read_settings().transport)))
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
