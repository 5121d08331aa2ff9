"""`record`: one command a fact type, for court liaison officers and offender managers."""

from collections.abc import Mapping
from inspect import Parameter, Signature
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from domain.command_names import FACT_OF
from spowatch.cli.output import (
    BAD_INPUT,
    REFUSED,
    AsJson,
    DataDir,
    fail,
    faults_explained,
    store_opened,
)

if TYPE_CHECKING:
    from domain.facts import Fact


class RecordGroup(TyperGroup):
    """Knows its commands by name, and makes one when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the group's signature
        return list(FACT_OF)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the group's signature
        return record_command(cmd_name) if cmd_name in FACT_OF else None


app = typer.Typer(
    cls=RecordGroup,
    no_args_is_help=True,
    help="State one fact about an order: what a court, an officer or a provider did.",
)


@app.callback()
def record() -> None:
    """State one fact about an order: what a court, an officer or a provider did."""


Reference = Annotated[str, typer.Argument(metavar="REF", help="The force's order reference")]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="When it happened, with its offset; now if left out"),
]
ReportedAt = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="TIME", help="When it was reported, with its offset; now if left out"
    ),
]
KnownAt = Annotated[
    str | None,
    typer.Option("--recorded-at", metavar="TIME", help="When it became known, if not just now"),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set a field by its name (may be repeated)"),
]
FromFile = Annotated[
    list[str] | None,
    typer.Option("--from-file", metavar="KEY=FILE", help="Set a field to what a file holds"),
]
Data = Annotated[
    str | None,
    typer.Option(
        "--data", metavar="JSON", help="Fields as one JSON object; - reads standard input"
    ),
]
CommandId = Annotated[
    str | None,
    typer.Option("--command-id", metavar="ID", help="Sent twice under one id, it is recorded once"),
]
Actor = Annotated[
    str | None, typer.Option("--actor", help="Who says so; your login name if left out")
]
Role = Annotated[str, typer.Option("--role", help="In which role they say so")]
Force = Annotated[str | None, typer.Option("--force", help="The police force that says so")]
Person = Annotated[
    str | None, typer.Option("--person", metavar="REF", help="The force's reference of the person")
]

_COMMON: Mapping[str, tuple[Any, Any]] = MappingProxyType(
    {
        "at": (At, None),
        "recorded_at": (KnownAt, None),
        "set_": (Set, None),
        "from_file": (FromFile, None),
        "data": (Data, None),
        "command_id": (CommandId, None),
        "actor": (Actor, None),
        "by_role": (Role, "officer"),
        "force": (Force, None),
        "person": (Person, None),
        "as_json": (AsJson, False),
        "data_dir": (DataDir, None),
    }
)


def record_command(name: str) -> Any:
    """The command of that name, its options read off its fact."""
    from domain.vocabulary import FACT_TYPES
    from spowatch.cli.record_options import own_parameters

    kind = FACT_TYPES[FACT_OF[name]]
    common = [_common(each, kind) for each in _COMMON]
    reference = Parameter("reference", Parameter.KEYWORD_ONLY, annotation=Reference)

    def command(**values: Any) -> None:
        _record(name, kind, values)

    command.__signature__ = Signature(  # type: ignore[attr-defined]  # what typer reads
        [reference, *own_parameters(kind), *common]
    )
    alone = typer.Typer(add_completion=False)
    alone.command(name, help=_said_of(kind))(command)
    return get_command(alone)


def _common(name: str, kind: "type[Fact]") -> Parameter:
    hint, default = _COMMON[name]
    if name == "at" and kind.__name__ == "BreachReported":
        hint = ReportedAt
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)


def _said_of(kind: "type[Fact]") -> str:
    return " ".join((kind.__doc__ or "").split())


def _record(name: str, kind: "type[Fact]", values: dict[str, Any]) -> None:
    from domain.vocabulary import UnreadableFact
    from spowatch.recording import Stated, enter
    from spowatch.wiring.store import now

    as_json = values["as_json"]
    with faults_explained(as_json=as_json), store_opened(values["data_dir"]) as store:
        try:
            entry = Stated(kind, values["reference"], _fact(kind, values), values["person"])
            entered = enter(entry, store.register, now=now())
        except UnreadableFact as error:
            fail(f"{_without_path(error)}; {error.remedy}", BAD_INPUT, as_json=as_json)
    _say(entered, as_json=as_json)
    if entered["code"] is not None:
        raise typer.Exit(REFUSED)


def _fact(kind: "type[Fact]", values: dict[str, Any]) -> dict[str, Any]:
    """The fact as a facts file writes it, with what was said only once put where it belongs."""
    from spowatch.account import account
    from spowatch.cli.given_words import check_written
    from spowatch.cli.record_options import data_from

    check_written({name: values[name] for name in ("reference", *_COMMON)})
    given = {key: value for key, value in values.items() if key not in _NOT_FIELDS}
    if "applicant_role" in given:
        given["role"] = given.pop("applicant_role")
    if "force" in kind.model_fields:
        given["force"] = values["force"]
    stated = {key: value for key, value in given.items() if value not in (None, [])}
    data = data_from(
        kind,
        stated,
        data=values["data"],
        settings=values["set_"] or [],
        files=values["from_file"] or [],
    )
    if values["recorded_at"] is not None:
        data["recorded_at"] = values["recorded_at"]
    about = {
        "t": values["at"],
        "actor": values["actor"] or account(),
        "role": values["by_role"],
        "force": values["force"],
        "command_id": values["command_id"],
    }
    return {"data": data} | {key: value for key, value in about.items() if value is not None}


_NOT_FIELDS = frozenset({"reference", *_COMMON})


def _without_path(error: Any) -> str:
    """The field as the person at the keyboard knows it."""
    field = error.field.removeprefix("given[0].").removeprefix("data.")
    return f"{'--at' if field == 't' else field}: {error.problem}"


def _say(entered: dict[str, Any], *, as_json: bool) -> None:
    from spowatch.cli.output import say

    if as_json:
        say(entered)
        return
    for line in _words(entered):
        typer.echo(line)


def _words(entered: dict[str, Any]) -> list[str]:
    verb = "Recorded" if entered["code"] is None else "REFUSED"
    if entered["repeated"]:
        verb = f"{verb} before"
    lines = [f"{verb}: {entered['what']} on {entered['order']}, happened {entered['happened']}"]
    if entered["code"] is not None:
        lines.append(f"  {entered['code']} ({entered['section']}): {entered['reason']}")
    if entered["position"] is not None:
        events = ", ".join(entered["event_ids"])
        kept = "" if entered["code"] is None else "kept as information at "
        place = f"position {entered['position']}, version {entered['version']}"
        lines.append(f"  {kept}{place}, event {events}")
    if entered["history_assumed"]:
        lines.append("  The record of this order begins here; what came before is assumed.")
    for alert in entered["alerts"]:
        show = f"spowatch alerts show {alert['id'][:8]}"
        lines.append(f"  Alert to come: P{alert['priority']} {alert['kind']}, see `{show}`")
    return lines
