"""`--purpose`: why somebody reads a person's record."""

from typing import TYPE_CHECKING, Annotated

import typer

from spowatch.cli.output import BAD_INPUT, fail

if TYPE_CHECKING:
    from domain.consultations import Purpose

Why = Annotated[
    str,
    typer.Option(
        "--purpose", metavar="WHY", help="Why you read it, such as responding: put on record"
    ),
]
NOT_STATED = "not_stated"


def purpose_or_fail(why: str, *, as_json: bool) -> "Purpose":
    """The purpose; one that there is not ends the command as bad input."""
    from domain.consultations import Purpose

    try:
        return Purpose(why)
    except ValueError:
        fail(f"--purpose: one of {', '.join(Purpose)}", BAD_INPUT, as_json=as_json)
