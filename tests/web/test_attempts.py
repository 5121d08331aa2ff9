from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from web.attempts import WITHIN, Attempts, NoSuchAttempt
from web.rates import Rate


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(tmp_path: Path, clock: Clock) -> Iterator[Attempts]:
    kept = Attempts(tmp_path / "attempts.db", clock)
    yield kept
    kept.close()


def test_an_attempt_is_finished_once(attempts: Attempts) -> None:
    begun = attempts.begin("/board")
    assert attempts.take(begun.state) == begun
    with pytest.raises(NoSuchAttempt):
        attempts.take(begun.state)


def test_an_attempt_that_took_too_long_is_over(attempts: Attempts, clock: Clock) -> None:
    begun = attempts.begin("/board")
    clock.now += WITHIN
    with pytest.raises(NoSuchAttempt):
        attempts.take(begun.state)


def test_nobody_finishes_an_attempt_that_was_never_begun(attempts: Attempts) -> None:
    attempts.begin("/board")
    with pytest.raises(NoSuchAttempt):
        attempts.take("")


def test_so_many_are_taken_and_others_are_not_counted_with_them() -> None:
    rate = Rate(3, per=3600)
    assert [rate.takes("here") for _ in range(5)] == [True] * 3 + [False] * 2
    assert not rate.has_room("here")
    assert rate.has_room("there")
    assert rate.takes("there")
