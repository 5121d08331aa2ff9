"""The headers that make a command safe to send twice or at once: `Idempotency-Key`, `If-Match`, `ETag`."""

from typing import Annotated

from fastapi import Header
from starlette.responses import Response

from web.problems import problem

OnceOnly = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=100,
        pattern=r"^[!-~]+$",
        description="Sent again under the same key, a command is not done again: the first answer comes back.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        pattern=r'^"[0-9]{1,9}"$',
        description="The version it is meant for, in quotes as the ETag has it; at another one nothing is done.",
    ),
]


def etag(version: int) -> str:
    return f'"{version}"'


def expected(if_match: str | None) -> int | None:
    """The version that `If-Match` names; None where it stands for any."""
    return None if if_match is None else int(if_match.strip('"'))


def changed(version: int) -> Response:
    told = "It is at another version. Read it again, and decide again; nothing was done."
    return problem(412, "CHANGED", told, headers={"ETag": etag(version)})


def key_used_before() -> Response:
    told = "This Idempotency-Key was used for something else. Take a new one; nothing was done."
    return problem(422, "KEY_USED_BEFORE", told)


def first_or_again(version: int, *, repeated: bool) -> dict[str, str]:
    """The headers of an answer: the version after it, and whether it had been given before."""
    again = {"Idempotency-Replayed": "true"} if repeated else {}
    return {"ETag": etag(version)} | again
