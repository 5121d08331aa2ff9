from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.access import Role
from web.access import NotSignedIn, Person
from web.sessions import IDLE, LONGEST, Sessions

SECOND = timedelta(seconds=1)
SOMEBODY = Person("4812", Role.OPERATOR, "Kent", "desk-3")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(tmp_path: Path, clock: Clock) -> Iterator[Sessions]:
    kept = Sessions(tmp_path / "sessions.db", clock)
    yield kept
    kept.close()


def test_a_session_says_who_it_is(sessions: Sessions) -> None:
    assert sessions.find(sessions.begin(SOMEBODY).token).person == SOMEBODY


def test_an_idle_session_is_over(sessions: Sessions, clock: Clock) -> None:
    token = sessions.begin(SOMEBODY).token
    clock.now += IDLE - SECOND
    sessions.find(token)
    clock.now += IDLE - SECOND
    sessions.find(token)
    clock.now += IDLE
    with pytest.raises(NotSignedIn):
        sessions.find(token)


def test_a_session_that_is_used_ends_with_the_shift(sessions: Sessions, clock: Clock) -> None:
    token = sessions.begin(SOMEBODY).token
    begun = clock.now
    while clock.now - begun < LONGEST - IDLE:
        clock.now += IDLE - SECOND
        sessions.find(token)
    clock.now = begun + LONGEST
    with pytest.raises(NotSignedIn):
        sessions.find(token)


def test_a_restarted_server_knows_the_session(tmp_path: Path, clock: Clock) -> None:
    before = Sessions(tmp_path / "sessions.db", clock)
    token = before.begin(SOMEBODY).token
    before.close()
    after = Sessions(tmp_path / "sessions.db", clock)
    assert after.find(token).person == SOMEBODY
    after.close()


def test_who_reads_the_file_can_sign_in_as_nobody(tmp_path: Path, clock: Clock) -> None:
    kept = Sessions(tmp_path / "sessions.db", clock)
    token = kept.begin(SOMEBODY).token
    kept.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"4812" in stored
    assert token.encode() not in stored
    assert (tmp_path / "sessions.db").stat().st_mode & 0o077 == 0


def test_a_program_that_asks_all_the_time_is_noted_now_and_then(
    sessions: Sessions, clock: Clock
) -> None:
    token = sessions.begin(SOMEBODY).token
    before = sessions._db.total_changes
    for _ in range(21):
        clock.now += SECOND
        sessions.find(token)
    assert sessions._db.total_changes - before == 2
