"""The beat to a service outside, against a real server that answers, refuses, hangs and is gone."""

from collections import deque
from time import monotonic, sleep

import pytest
from pydantic import SecretStr

from consumers.heartbeat import Heartbeat
from tests.program import PATIENCE
from tests.servers.receiver import receiving


def beaten(url: str, *silent: str, inside: bool = True) -> list[str]:
    """Beat once; why it was not taken."""
    said: list[str] = []
    heartbeat = Heartbeat(SecretStr(url), said.append, inside=inside)
    heartbeat.beat(silent)
    deadline = monotonic() + PATIENCE
    while heartbeat.under_way:
        assert monotonic() < deadline
        sleep(0.01)
    return said


def test_a_line_that_works_beats_and_a_silent_stage_is_told_as_a_failure() -> None:
    with receiving() as receiver:
        assert beaten(receiver.url) == []
        assert beaten(receiver.url, "sweep", "console:one") == []
    assert [each.path for each in receiver.reached] == ["/alerts", "/alerts/fail"]
    assert receiver.reached[1].body == "sweep\nconsole:one"


@pytest.mark.parametrize(
    ("answer", "said"), [(500, "HTTP 500"), ("drop", "RemoteDisconnected"), ("garbage", "Bad")]
)
def test_a_beat_that_is_not_taken_is_said_without_its_address(answer: int | str, said: str) -> None:
    with receiving(script=deque([answer])) as receiver:
        (why,) = beaten(receiver.url)
    assert said in why or answer == "drop"
    assert "127.0.0.1" not in why


def test_nobody_waits_for_a_service_that_hangs() -> None:
    said: list[str] = []
    with receiving(script=deque(["hang"])) as receiver:
        heartbeat = Heartbeat(SecretStr(receiver.url), said.append, inside=True)
        heartbeat.beat([])
        heartbeat.beat([])
        # Asked while it hangs: letting go of it ends the first beat too, which then says so.
        assert said == ["the beat before is still under way"]


def test_our_own_network_is_not_asked_unless_that_is_meant() -> None:
    (why,) = beaten("http://127.0.0.1:9/x", inside=False)
    assert "https" in why
