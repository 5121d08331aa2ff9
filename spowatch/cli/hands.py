"""Who acts at the desk, as every command that acts there asks for it; lists of what they may act on."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from spowatch.cli.orders import known_force_or_fail
from spowatch.cli.output import BAD_INPUT, fail

if TYPE_CHECKING:
    from domain.desk.hands import Hand

AlertId = Annotated[
    str, typer.Argument(metavar="ALERT_ID", help="Its id, or the first 6 digits or more of it")
]
As = Annotated[str, typer.Option("--as", metavar="STAFF", help="Your collar or payroll number")]
Role = Annotated[str, typer.Option("--role", help="What you are on duty as")]
Terminal = Annotated[str | None, typer.Option("--terminal", help="Where; this machine's name")]
OwnForce = Annotated[str, typer.Option("--force", help="Your force")]

NO_NAMES = (
    "What you write stays on record with the alert. Never a protected person's name, address or number: "
    "write 'the protected person'."
)


def hand(staff: str, role: str, force: str, terminal: str | None, *, as_json: bool) -> "Hand":
    """Ends the command where there is no such role, or the number is none."""
    import socket

    from domain.desk.hands import DeskRole, Hand

    if role not in set(DeskRole):
        roles = ", ".join(DeskRole)
        problem = f"--role: there is no role of that name; there are {roles}"
        fail(problem, BAD_INPUT, as_json=as_json)
    number = staff_number("--as", staff, as_json=as_json)
    return Hand(number, DeskRole(role), force, terminal or socket.gethostname())


def own_hand(staff: str, role: str, force: str, terminal: str | None, *, as_json: bool) -> "Hand":
    """As `hand`; ends the command also where there is no such force."""
    own = known_force_or_fail(force, as_json=as_json) or force
    return hand(staff, role, own, terminal, as_json=as_json)


def staff_number(option: str, words: str, *, as_json: bool) -> str:
    from domain.facts.words import StaffNumber

    what_to_do = "write a collar or payroll number"
    return checked(option, StaffNumber, words, what_to_do, as_json=as_json)


def checked(option: str, kind: Any, words: str, what_to_do: str, *, as_json: bool) -> str:
    """The words, where they are of that kind; ends the command otherwise."""
    from pydantic import TypeAdapter, ValidationError

    try:
        told: str = TypeAdapter(kind).validate_python(words)
    except ValidationError:
        fail(f"{option}: {what_to_do}", BAD_INPUT, as_json=as_json)
    return told
