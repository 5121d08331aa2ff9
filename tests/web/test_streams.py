"""A stream ends with the session it was opened in, and goes on from a position that is one."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from domain.access import Role
from tests.program import PATIENCE
from tests.web.test_entries import one_row
from tests.web.told_events import told_event
from web.access import Person
from web.api.alerts import _told
from web.board import Change
from web.hub import Hub
from web.places import place
from web.sessions import Session, Sessions
from web.streams import ASKED_EVERY, news, whole

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KENTS = Person("4812", Role.OPERATOR, "Kent", "desk-1")


class Desk:
    """A hub, the sessions and a clock we move: what a stream needs of the system."""

    def __init__(self, directory: Path) -> None:
        self.hub, self.at = Hub(), NOON
        self.sessions = Sessions(directory / "sessions.db", self.now)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.sessions.close()


def beats(desk: Desk, session: Session, *steps: timedelta) -> int:
    """How many beats are heard, one after each step of the clock, before the stream ends by itself."""

    async def heard() -> int:
        desk.hub.open(asyncio.get_running_loop(), 0)
        stream = news(cast("Any", desk), session, 0)
        for count, step in enumerate(steps):
            desk.at += step
            waiting = asyncio.ensure_future(anext(stream, None))
            await asyncio.sleep(0)
            desk.hub._tell([], 0, beaten=True)
            if await waiting is None:
                return count
        return len(steps)

    return asyncio.run(heard())


def test_a_stream_goes_on_while_its_session_runs(desk: Desk) -> None:
    session = desk.sessions.begin(KENTS)
    assert beats(desk, session, *[ASKED_EVERY] * 5) == 5


def test_a_stream_ends_after_sign_out(desk: Desk) -> None:
    session = desk.sessions.begin(KENTS)
    desk.sessions.end(session.token)
    assert beats(desk, session, timedelta(seconds=1), ASKED_EVERY) == 1


def test_to_listen_is_no_use_of_a_session(desk: Desk) -> None:
    session = desk.sessions.begin(KENTS)
    assert beats(desk, session, *[timedelta(minutes=4)] * 5) == 3


def test_a_programs_stream_ends_with_its_token(desk: Desk) -> None:
    session = Session("a.b.c", "", KENTS, NOON, until=NOON + timedelta(seconds=3))
    assert beats(desk, session, *[timedelta(seconds=1)] * 5) == 2


def test_a_program_cut_off_among_what_is_told_together_is_told_all_of_it_again(
    desk: Desk, tmp_path: Path
) -> None:
    row = one_row(tmp_path)
    alert, other = row.id, uuid4()
    changes = [
        Change(1, alert, row, None),
        Change(2, other, row, replace(row, id=other)),
        Change(3, alert, None, None),
    ]

    async def heard(after: int, count: int) -> list[tuple[int, UUID]]:
        stream = _told(cast("Any", desk), desk.sessions.begin(KENTS), after)
        told = [told_event(await anext(stream)) for _ in range(count)]
        return [(each.position, UUID(json.loads(each.data)["id"])) for each in told]

    async def twice() -> None:
        desk.hub.open(asyncio.get_running_loop(), 0)
        desk.hub.publish(changes, 3)
        await asyncio.sleep(0)
        ((at, first),) = await heard(0, 1)
        assert (first, await heard(at, 2)) == (other, [(0, other), (3, alert)])

    asyncio.run(asyncio.wait_for(twice(), PATIENCE))


@pytest.mark.parametrize("given", ["²", "٣", "1" * 5000, "-1", "", "1.0", str(2**62 + 1)])
def test_what_is_no_whole_number_of_ours_is_none(given: str) -> None:
    assert whole(given) is None
    assert whole("168", most=168) == 168


@pytest.mark.parametrize(
    ("to", "goes"),
    [
        ("/orders/KENT-2026_1.a/record", "/orders/KENT-2026_1.a/record"),
        ("/board?force=West+Mercia&kind=task", "/board?force=West+Mercia&kind=task"),
        ("/board?priority=1,2&until=12:00*~", "/board?priority=1,2&until=12:00*~"),
        ("/orders/KENT%20%C3%A9/record?who=O'Brien", "/orders/KENT%20%C3%A9/record?who=O'Brien"),
        *((each, "/x") for each in ("/x?y=//z", "/x?y\r\nz", "/x?y#z", "/x?y=%4", "/x?y=é")),
        *((each, "/board") for each in ("//evil.example", "/a//b", "/../x", "https://x", "/\\x", "/x\r\ny", "/x#y", "/%", "")),
    ],
)  # fmt: skip
def test_one_is_sent_on_to_places_of_ours_alone(to: str, goes: str) -> None:
    assert place(to) == goes
