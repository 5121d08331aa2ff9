"""`topics`: whether a Kafka cluster has the topics and rights it should, and making it so."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spowatch.cli.output import BAD_INPUT, REFUSED, AsJson, Bootstrap, fail, faults_explained, say

if TYPE_CHECKING:
    from consumers.kafka_reach import Reach
    from spowatch.kafka.topic_plan import Change

app = typer.Typer(no_args_is_help=True, help="The topics of a Kafka cluster and who may use them.")

File = Annotated[Path, typer.Option("--file", help="The topics file")]
Copies = Annotated[
    int | None,
    typer.Option("--copies", min=1, help="Copies of each message, for a smaller trial cluster"),
]
Prefix = Annotated[
    str | None,
    typer.Option("--prefix", help="Before every topic's name; over SPO_TRANSPORT__PREFIX"),
]
_FILE = Path("deploy/kafka/topics.yaml")


@app.callback()
def topics() -> None:
    """The topics of a Kafka cluster and who may use them."""


@app.command("plan")
def plan(
    *,
    bootstrap: Bootstrap = None,
    file: File = _FILE,
    prefix: Prefix = None,
    copies: Copies = None,
    as_json: AsJson = False,
) -> None:
    """What `apply` would do. Changes nothing; exit status 1 when something would be refused."""
    from spowatch.kafka.topic_plan import Verdict

    found = _changes(bootstrap, file, prefix, copies, as_json=as_json)
    _show(found, as_json=as_json)
    if any(change.verdict is Verdict.REFUSED for change in found):
        raise typer.Exit(REFUSED)


@app.command("apply")
def apply(
    *,
    bootstrap: Bootstrap = None,
    file: File = _FILE,
    prefix: Prefix = None,
    copies: Copies = None,
    yes: Annotated[bool, typer.Option("--yes", help="Also what loses something")] = False,
    as_json: AsJson = False,
) -> None:
    """Make the cluster as the file says: all of it, or nothing where some of it is refused."""
    from contextlib import closing

    from spowatch.kafka.admin import ClusterAdmin, ClusterRefused
    from spowatch.kafka.topic_plan import Verdict

    found = _changes(bootstrap, file, prefix, copies, as_json=as_json)
    stops = {Verdict.REFUSED} if yes else {Verdict.REFUSED, Verdict.NEEDS_YES}
    stopped = [change for change in found if change.verdict in stops]
    if stopped:
        _show(stopped, as_json=as_json)
        fail("nothing was changed", REFUSED)
    try:
        with faults_explained(as_json=as_json), closing(ClusterAdmin(_reach(bootstrap))) as admin:
            for step in (change.step for change in found if change.step is not None):
                admin.do(step)
    except ClusterRefused as refused:
        fail(f"{refused}; what stood before it was done: run plan", REFUSED, as_json=as_json)
    _show(found, as_json=as_json)


def _changes(
    bootstrap: str | None, file: Path, prefix: str | None, copies: int | None, *, as_json: bool
) -> "list[Change]":
    from contextlib import closing

    from spowatch.kafka.admin import ClusterAdmin, ClusterRefused
    from spowatch.kafka.topic_plan import changes
    from spowatch.kafka.topics import TopicsFileRefused, read_topics

    try:
        with faults_explained(as_json=as_json):
            wanted = read_topics(file).with_prefix(_prefix(prefix))
            wanted = wanted if copies is None else wanted.with_copies(copies)
            with closing(ClusterAdmin(_reach(bootstrap))) as admin:
                return changes(wanted, admin.found(wanted.topics))
    except TopicsFileRefused as refused:
        fail(str(refused), BAD_INPUT, as_json=as_json)
    except ClusterRefused as refused:
        fail(str(refused), REFUSED, as_json=as_json)


def _reach(bootstrap: str | None) -> "Reach":
    from spowatch.kafka.security import reach_at
    from spowatch.settings.root import read_settings

    return reach_at(bootstrap, read_settings().transport)


def _prefix(given: str | None) -> str:
    from spowatch.settings.root import KafkaTransport, read_settings

    if given is not None:
        return given
    transport = read_settings().transport
    return transport.prefix if isinstance(transport, KafkaTransport) else ""


def _show(changes: "list[Change]", *, as_json: bool) -> None:
    if as_json:
        say({"changes": [change.as_dict() for change in changes]})
        return
    for change in changes:
        reason = f" ({change.reason})" if change.reason else ""
        typer.echo(f"{change.verdict:<12} {change.about}: {change.says}{reason}")
    if not changes:
        typer.echo("the cluster is as the file says")
