"""The force for which the database is read is set before a route runs, and reaches the thread it runs on."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI

from domain.access import Role
from projections.seen_by import SEEN_BY
from web.access import Person
from web.requests import HoldingToken, SignedIn, holding_token, signed_in
from web.sessions import Session


def asked(app: FastAPI, path: str) -> bytes:
    """What the application answers to a plain GET."""
    sent: list[dict[str, Any]] = []
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
             "headers": [], "http_version": "1.1", "scheme": "http", "server": ("x", 80), "client": ("y", 1),
             "root_path": ""}  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return b"".join(each.get("body", b"") for each in sent)


@pytest.mark.parametrize("path", ["/page", "/program", "/later"])
@pytest.mark.parametrize("everywhere", [False, True])
def test_what_is_read_while_a_request_is_answered_is_read_for_its_force(
    path: str, *, everywhere: bool
) -> None:
    app = FastAPI()
    app.state.system = SimpleNamespace()
    person = Person("1", Role.SPOC, "Kent", "t", everywhere=everywhere)
    for door in (signed_in, holding_token):
        app.dependency_overrides[door] = lambda: Session("t", "c", person, datetime.now(UTC))

    @app.get("/page")
    def page(_: SignedIn) -> str | None:
        return SEEN_BY.get()

    @app.get("/program")
    def program(_: HoldingToken) -> str | None:
        return SEEN_BY.get()

    @app.get("/later")
    async def later(_: SignedIn) -> str | None:
        return await asyncio.to_thread(SEEN_BY.get)

    assert asked(app, path) == b'"Kent"'
    assert SEEN_BY.get() is None
