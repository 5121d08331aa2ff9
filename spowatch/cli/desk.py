"""`desk`: one command for each step from an alert to a recorded outcome, made from the step itself."""

from collections.abc import Mapping
from inspect import Parameter, Signature
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

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

if TYPE_CHECKING:
    from domain.desk.case import AlertCase
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


class DeskGroup(TyperGroup):
    """Knows its commands by name, and makes one when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the group's signature
        return [*_STEPS, _DELIVERIES]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the group's signature
        if cmd_name == _DELIVERIES:
            return _deliveries()
        return _command(cmd_name) if cmd_name in _STEPS else None


app = typer.Typer(
    cls=DeskGroup, no_args_is_help=True, help="Deal with an alert: one step, by one person."
)


@app.callback()
def desk() -> None:
    """Deal with an alert: one step, by one person."""


AlertId = Annotated[
    str, typer.Argument(metavar="ALERT_ID", help="Its id, or the first 6 digits or more of it")
]
As = Annotated[str, typer.Option("--as", metavar="STAFF", help="Your collar or payroll number")]
Role = Annotated[str, typer.Option("--role", help="What you are on duty as")]
Force = Annotated[str | None, typer.Option("--force", help="Your force; the alert's if left out")]
Terminal = Annotated[str | None, typer.Option("--terminal", help="Where; this machine's name")]
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
    alone.command(name, help=" ".join((kind.__doc__ or "").split()))(command)
    return get_command(alone)


def _deliveries() -> Any:
    from spowatch.cli.outward import deliveries

    alone = typer.Typer(add_completion=False)
    alone.command(_DELIVERIES)(deliveries)
    return get_command(alone)


def _take(kind: "type[Step]", values: dict[str, Any]) -> None:
    from domain.desk.desk import AlertDesk
    from spowatch.wiring import now

    as_json = values["as_json"]
    step = _step(kind, values, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(values["data_dir"]) as store:
        _, identity = found_or_fail(store, values["alert_id"], as_json=as_json)
        at_desk = AlertDesk(store.register, rotas=store.policy.current().rotas)
        force = values["force"] or at_desk.case(identity).force
        case = at_desk.do(identity, _hand(values, force, as_json=as_json), now(), step)
    if as_json:
        say(_row(case))
    else:
        typer.echo(_line(case))


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


def _hand(values: dict[str, Any], force: str, *, as_json: bool) -> Any:
    import socket

    from domain.desk.hands import DeskRole, Hand

    if values["role"] not in set(DeskRole):
        roles = ", ".join(DeskRole)
        fail(
            f"--role: there is no role of that name; there are {roles}", BAD_INPUT, as_json=as_json
        )
    terminal = values["terminal"] or socket.gethostname()
    return Hand(values["staff"], DeskRole(values["role"]), force, terminal)


def _row(case: "AlertCase") -> dict[str, Any]:
    return {
        "id": str(case.id),
        "stage": str(case.stage),
        "priority": case.priority,
        "force": case.force,
        "owner": case.ownership.staff,
        "lease_until": case.ownership.lease_until,
        "next_told_at": case.escalation.next_due,
        "protected_person_told_at": case.telling.told_at,
        "version": case.version,
    }


def _line(case: "AlertCase") -> str:
    owner = f"with {case.ownership.staff}" if case.ownership.staff else "with nobody"
    told = "" if not case.telling.open else "; the protected person is still to be told"
    return f"{str(case.id)[:8]}  P{case.priority}  {case.stage}, {owner}{told}"
