"""A breach goes out by webhook from the running program, signed, once, whatever dies in between."""

from collections import deque
from pathlib import Path
from time import monotonic, sleep

import pytest
from standardwebhooks import Webhook

from tests.acceptance.case_files import (
    breach,
    line,
    new_store,
    order_in_force,
    said_on,
    written,
)
from tests.acceptance.systems import next_alert
from tests.forked_program import run
from tests.program import PATIENCE, Program
from tests.servers.receiver import Receiver, receiving


def reached(receiver: Receiver, count: int) -> None:
    deadline = monotonic() + PATIENCE
    while len(receiver.reached) < count:
        assert monotonic() < deadline, f"{len(receiver.reached)} of {count} came"
        sleep(0.02)


ROLES = ("alert", "deliver", "outward", "outward-urgent")
"""Without the line test, which goes to everybody too."""


def up(store: Path, receiver: Receiver) -> Program:
    told = {"SPO_WEBHOOK__URL": receiver.url}
    program = Program("run", *ROLES, "--data-dir", str(store), settings=told)
    for _ in ROLES:
        program.said.until(lambda each: each.startswith("READY "))
    return program


def tell(store: Path) -> None:
    facts = [*order_in_force(), breach("rang at night")]
    file = written(store.parent / "facts.jsonl", [line("KENT/1", *facts)])
    assert run("import", str(file), "--data-dir", str(store)).returncode == 0


@pytest.mark.parametrize("answer", [204, "drop"])
def test_a_breach_is_posted_under_the_alerts_id_until_it_is_taken(
    tmp_path: Path, answer: int | str
) -> None:
    store = new_store(tmp_path / "store")
    with receiving(script=deque([answer])) as receiver, up(store, receiver) as program:
        tell(store)
        alert = next_alert(program)["alert"]
        reached(receiver, 1 if answer == 204 else 2)
        assert program.stop() == 0
    key = (store / "webhook.key").read_text()
    bodies = [Webhook(key).verify(each.body, each.headers) for each in receiver.reached]
    assert [each["alert"] for each in said_on(store / "console.jsonl")] == [alert]
    assert {body["id"] for body in bodies} == {body["data"]["id"] for body in bodies} == {alert}
    assert {body["data"]["kind"] for body in bodies} == {"BREACH_ARREST"}


def test_a_sender_killed_in_mid_send_makes_one_more_attempt_under_the_same_id(
    tmp_path: Path,
) -> None:
    store = new_store(tmp_path / "store")
    with receiving(script=deque(["hang"])) as receiver:
        with up(store, receiver) as first:
            tell(store)
            reached(receiver, 1)
            first.kill()
        with up(store, receiver) as again:
            reached(receiver, 2)
            assert again.stop() == 0
    assert len({each.headers["webhook-id"] for each in receiver.reached}) == 1
    assert len(receiver.reached) == 2
