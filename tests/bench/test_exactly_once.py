from functools import partial

import pytest

from tests.bench.exactly_once import QUICK, Outcome, exactly_once, on_a_server


@pytest.fixture(scope="module", params=["in a file", "on a server"])
def outcome(request: pytest.FixtureRequest) -> Outcome:
    if request.param == "in a file":
        return exactly_once(QUICK)
    cluster = request.getfixturevalue("postgres")
    return exactly_once(QUICK // 2, partial(on_a_server, cluster))


def test_the_run_was_disturbed(outcome: Outcome) -> None:
    assert outcome.cut > 10
    assert outcome.asked > 1.2 * outcome.commands


def test_a_command_asked_twice_cut_off_or_raced_has_one_effect(outcome: Outcome) -> None:
    assert not outcome.doubles
    assert not outcome.differs


def test_asking_again_is_never_a_conflict(outcome: Outcome) -> None:
    assert not outcome.conflicts
