"""`line-test`: how far each stage of the road is, and taking one off it that is gone on purpose."""

from typing import Annotated, Any

import typer

from spowatch.cli.output import REFUSED, AsJson, DataDir, fail, faults_explained, say, store_opened

app = typer.Typer(
    no_args_is_help=True, help="The line test: whether every stage of the road is alive."
)
_LONGEST = 200


@app.callback()
def line_test() -> None:
    """The line test: whether every stage of the road is alive."""


@app.command("status")
def status(*, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """The last test, and every stage that was expected to pass it. Exit status 1: one is silent, or none was tested."""
    from spowatch.line_status import line_status

    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        told = line_status(store)
    if as_json:
        say(told)
    else:
        for row in told["stages"]:
            typer.echo(f"{row['stage']:<48} {row['state']}")
        typer.echo(f"last test {told['begun'] or 'never: start the role line-test'}")
    if {row["state"] for row in told["stages"]} & {"SILENT", "not tested"}:
        raise typer.Exit(REFUSED)


@app.command("retire")
def retire(
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="As `status` names it")],
    *,
    staff: Annotated[str, typer.Option("--as", metavar="STAFF", help="Your number")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is gone; nobody's name")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Say that a stage is gone on purpose: it is not missed until it passes a test again."""
    from pydantic import ValidationError

    from domain.line_tests import StageRecord, stage_stream
    from spowatch.line_status import line_status
    from spowatch.wiring.store import now

    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        known: list[Any] = [row["stage"] for row in line_status(store)["stages"]]
        if stage not in known:
            fail(f"no stage {stage[:60]!r}; there are {', '.join(known)}", as_json=as_json)
        record = store.register.read(StageRecord(stage_stream(stage)))
        try:
            record.retire(stage, staff, reason.strip()[:_LONGEST], now())
        except ValidationError:
            fail("--as: a collar or payroll number, letters and digits", as_json=as_json)
        store.register.keep([record])
    if as_json:
        say({"stage": stage, "retired": True})
    else:
        typer.echo(f"{stage} is not missed any more")
