"""`desk`: one command for each step from an alert to a recorded outcome, made from the step itself."""

from collections.abc import Mapping
from inspect import Parameter, Signature
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from spowatch.cli import handovers, suppressions
from spowatch.cli.alerts import found_or_fail
from spowatch.cli.hands import NO_NAMES, AlertId, As, Role, Terminal, own_hand
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
    from domain.desk.steps import Step

_STEPS = (
    "acknowledge",
    "grade",
    "task",
    "attending",
    "tell",
    "outcome",
    "review",
    "close",
    "reopen",
    "offer",
    "accept",
    "reject",
)
"""In the order they are taken; said here so that `--help` need not load the law."""


_DELIVERIES = "deliveries"
_SHIFTS = MappingProxyType(
    {
        "handover": handovers.app,
        "sign-off": handovers.sign_off_app,
        "suppression": suppressions.app,
    }
)


class DeskGroup(TyperGroup):
    """Knows its commands by name, and makes one when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the group's signature
        return [*_STEPS, _DELIVERIES, *_SHIFTS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the group's signature
        if cmd_name == _DELIVERIES:
            return _deliveries()
        if cmd_name in _SHIFTS:
            return get_command(_SHIFTS[cmd_name])
        return _command(cmd_name) if cmd_name in _STEPS else None


app = typer.Typer(
    cls=DeskGroup,
    no_args_is_help=True,
    help="Deal with an alert, one step by one person; hand a shift over; hold alerts back.",
)


@app.callback()
def desk() -> None:
    """Deal with an alert: one step, by one person."""


Force = Annotated[str | None, typer.Option("--force", help="Your force; the alert's if left out")]
Data = Annotated[
    str | None, typer.Option("--data", metavar="JSON", help="Fields as one object; - reads them")
]
_COMMON: Mapping[str, tuple[Any, Any]] = MappingProxyType(
    {
        "role": (Role, "operator"),
        "force": (Force, None),
        "terminal": (Terminal, None),
        "data": (Data, None),
        "as_json": (AsJson, False),
        "data_dir": (DataDir, None),
    }
)


def _command(name: str) -> Any:
    from domain.desk.steps import STEPS
    from spowatch.cli.record_options import own_parameters

    kind = STEPS[name]

    def command(**values: Any) -> None:
        _take(kind, values)

    parameters = [
        Parameter("alert_id", Parameter.KEYWORD_ONLY, annotation=AlertId),
        Parameter("staff", Parameter.KEYWORD_ONLY, annotation=As),
        *own_parameters(kind),
        *(
            Parameter(each, Parameter.KEYWORD_ONLY, default=default, annotation=hint)
            for each, (hint, default) in _COMMON.items()
        ),
    ]
    command.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
    alone = typer.Typer(add_completion=False)
    alone.command(name, help=" ".join((kind.__doc__ or "").split()), epilog=NO_NAMES)(command)
    return get_command(alone)


def _deliveries() -> Any:
    from spowatch.cli.outward import deliveries

    alone = typer.Typer(add_completion=False)
    alone.command(_DELIVERIES)(deliveries)
    return get_command(alone)


def _take(kind: "type[Step]", values: dict[str, Any]) -> None:
    from domain.desk.desk import AlertDesk
    from spowatch.wiring.store import now
    from spowatch.wording.desk_rows import case_line, case_row

    as_json = values["as_json"]
    step = _step(kind, values, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(values["data_dir"]) as store:
        _, identity = found_or_fail(store, values["alert_id"], as_json=as_json)
        at_desk = AlertDesk(store.register, rotas=store.policy.current().rotas)
        force = values["force"] or at_desk.case(identity).force
        own = own_hand(values["staff"], values["role"], force, values["terminal"], as_json=as_json)
        case = at_desk.do(identity, own, now(), step)
    if as_json:
        say(case_row(case))
    else:
        typer.echo(case_line(case))


def _step(kind: "type[Step]", values: dict[str, Any], *, as_json: bool) -> "Step":
    from pydantic import ValidationError
    from pydantic_core import to_json

    from domain.vocabulary import UnreadableFact
    from spowatch.cli.record_options import data_from

    own = {"alert_id", "staff", *_COMMON}
    given = {k: v for k, v in values.items() if k not in own and v not in (None, [])}
    try:
        told = data_from(kind, given, data=values["data"], settings=(), files=())
        return kind.model_validate_json(to_json(told))
    except UnreadableFact as error:
        fail(str(error), BAD_INPUT, as_json=as_json)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, problem["loc"]))
        fail(f"--{field.replace('_', '-')}: {problem['msg']}", BAD_INPUT, as_json=as_json)
