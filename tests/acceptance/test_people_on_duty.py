"""Nobody takes an alert: each step of the force's policy reaches whoever is on duty, by mail, once."""

import json
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.acceptance.case_files import breach, line, new_store, order_in_force, written
from tests.forked_program import run
from tests.program import PATIENCE, Program
from tests.servers.mailboxes import Mailboxes, mailboxes

POLICY = """
version = 7
[[forces]]
force = "Kent"
must_be_filled = ["operator"]
shifts = [
  { role = "operator", days = "every", begin = "07:00", end = "07:00", staff = ["K1"] },
  { role = "supervisor", days = "every", begin = "07:00", end = "07:00", staff = ["K2"] },
  { role = "spoc", days = "every", begin = "07:00", end = "07:00", staff = ["K3", "K4"] },
  { role = "duty_officer", days = "every", begin = "07:00", end = "07:00", staff = ["K2"] },
  { role = "offender_manager", days = "every", begin = "07:00", end = "07:00", staff = ["K2"] },
]
[forces.people]
K1 = [{ channel = "console" }]
K2 = [{ channel = "mail", address = "k2@kent.example" }]
K3 = [{ channel = "mail", address = "k3@kent.example" }]
K4 = [{ channel = "mail", address = "k4@kent.example" }]
[forces.policies.immediate]
version = 3
steps = [{ after = 2, tells = "supervisor" }, { after = 3, tells = "spoc" }]
repeat = 600
lease = 300
tell_protected_within = 600
"""


@pytest.fixture
def post() -> Iterator[Mailboxes]:
    with mailboxes() as post:
        yield post


def up(store: Path, post: Mailboxes, **more: str) -> Program:
    file = store.parent / "policy.toml"
    file.write_text(POLICY)
    told = {
        "SPO_POLICY__FILE": str(file),
        "SPO_MAIL__HOST": "127.0.0.1",
        "SPO_MAIL__PORT": str(post.port),
        "SPO_MAIL__TLS": "false",
        "SPO_MAIL__SENDER": "alerts@kent.example",
        "SPO_MAIL__LEAST": "1",
        **more,
    }
    program = Program("run", "--data-dir", str(store), settings=told)
    program.said.until(lambda each: each.startswith("READY outward-urgent"))
    return program


def reached(post: Mailboxes, address: str, count: int = 1) -> list[EmailMessage]:
    deadline = monotonic() + PATIENCE
    while len(post.to(address)) < count:
        assert monotonic() < deadline, f"{address}: {len(post.to(address))} of {count}"
        sleep(0.05)
    return post.to(address)


def test_each_step_reaches_who_is_on_duty_once_and_nobody_else(
    tmp_path: Path, post: Mailboxes
) -> None:
    store = new_store(tmp_path / "store")
    facts = [*order_in_force(), breach("at the door") | {}]
    facts[-1]["data"]["markers"] = ["weapon"]
    file = written(tmp_path / "facts.jsonl", [line("KENT/1", *facts)])
    with up(store, post, SPO_MAIL__TO__DESK="desk@kent.example") as program:
        assert run("import", str(file), "--data-dir", str(store)).returncode == 0
        (supervisor,) = reached(post, "k2@kent.example")
        assert "ESCALATED P1 BREACH_ARREST KENT/1" in str(supervisor["subject"])
        for address in ("k3@kent.example", "k4@kent.example"):
            assert len(reached(post, address)) == 1
        assert len(reached(post, "desk@kent.example", 3)) == 3  # raised, and both steps
        assert post.to("k1@kent.example") == []
        assert program.stop() == 0
    rows = run("export", "--data-dir", str(store)).stdout
    assert "@kent.example" not in rows + (store / "console.jsonl").read_text()
    raised = [json.loads(row) for row in rows.splitlines() if "spo.alert-raised.v1" in row]
    assert len(raised) == 1
