"""Two machines that share PostgreSQL and the master key, and nothing else: either does for both."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from tests.acceptance.case_files import breach, line, order_in_force
from tests.acceptance.split.machines import Databases, Machine, databases
from tests.faults.falling_due import CONCERN, never_served
from tests.program import PATIENCE
from tests.servers.postgres import Cluster

TOGETHER = 30
ALL = ("alert", "reconcile", "deliver", "sweep", "project")


@pytest.fixture
def stores(postgres: Cluster) -> Databases:
    return databases(postgres)


@pytest.fixture
def machines(tmp_path: Path, stores: Databases) -> Iterator[Sequence[Machine]]:
    """The second has never seen `migrate`; it was given the master key of the first."""
    master_key = tmp_path / "one" / "master.key"
    shared = stores.for_roles | {"SPO_KEYS__MASTER_KEY_FILE": str(master_key)}
    with ExitStack() as stack:
        one = Machine(tmp_path / "one", stores.for_migrate, stack)
        migrated = one.run("migrate")
        assert migrated.returncode == 0, migrated.stderr
        stores.grant()
        assert [each.name for each in one.data.iterdir()] == [master_key.name]
        yield [Machine(tmp_path / name, shared, stack) for name in ("one", "two")]


def breaches(*incidents: str) -> list[str]:
    return [line("KENT/1", *order_in_force(), *(breach(each) for each in incidents)).decode()]


def test_breaches_entered_at_either_are_said_once_at_both(machines: Sequence[Machine]) -> None:
    one, two = machines
    for each in machines:
        each.up(*ALL)
    one.enter(breaches("first"))
    two.enter(breaches("first", "second"))
    assert len(set(one.all_said(2))) == len(set(two.all_said(2))) == 2
    listed = json.loads(one.run("alerts", "list", "--json").stdout)
    keys = {f"{row['id']}:raised" for row in listed["alerts"]}
    assert keys == set(one.all_said(2)) == set(two.all_said(2))
    assert [len(each.said()) for each in machines] == [2, 2]
    assert "role fault" not in one.errors.read_text() + two.errors.read_text()


def test_a_console_that_was_away_says_what_was_raised_meanwhile(
    machines: Sequence[Machine],
) -> None:
    one, two = machines
    first, _ = one.up("deliver"), two.up(*ALL)
    two.enter(breaches("first"))
    assert len(one.all_said(1)) == 1
    first.kill()
    two.enter(breaches("first", "second"))
    assert len(two.all_said(2)) == 2
    one.up("deliver")
    assert one.all_said(2) == two.all_said(2)


def test_a_console_that_is_new_goes_on_where_the_others_are(machines: Sequence[Machine]) -> None:
    one, two = machines
    one.up(*ALL)
    one.enter(breaches("first"))
    assert len(one.all_said(1)) == 1
    one.enter([line("KENT/2", *order_in_force()).decode()])  # its console has committed by the next
    two.up("deliver")
    two.enter(breaches("first", "second"))
    assert one.all_said(2)[1:] == two.all_said(1)


def test_either_sweeps_what_falls_due_when_the_other_is_killed_or_frozen(
    machines: Sequence[Machine],
) -> None:
    one, two = machines
    first, second = one.up("sweep"), two.up("sweep")
    due = datetime.now(UTC) + timedelta(seconds=4)
    two.enter([never_served(f"KILL/{n:02}", due).line() for n in range(TOGETHER)])
    first.kill()
    assert found(two, "KILL") == [f"KILL/{n:02}" for n in range(TOGETHER)]
    one.up("sweep")
    due = datetime.now(UTC) + timedelta(seconds=4)
    two.enter([never_served(f"FREEZE/{n:02}", due).line() for n in range(TOGETHER)])
    second.freeze()
    assert found(one, "FREEZE") == [f"FREEZE/{n:02}" for n in range(TOGETHER)]
    second.thaw()
    assert second.stop() == 0
    assert one.run("deadlines", "audit").returncode == 0
    digests = [json.loads(each.run("digest").stdout)["projections"] for each in machines]
    assert digests[0] == digests[1]
    assert one.run("rebuild", "deadline_sheet").returncode == 0
    assert json.loads(two.run("digest").stdout)["projections"] == digests[0]


def found(machine: Machine, name: str) -> list[str]:
    """The orders of that name on which something was found, each as often as it was."""
    deadline = monotonic() + PATIENCE
    while True:
        rows = [json.loads(row) for row in machine.run("export").stdout.splitlines()]
        orders = [row["order"] for row in rows if row["topic"] == CONCERN]
        ours = sorted(each for each in orders if each.startswith(name))
        if len(ours) >= TOGETHER or monotonic() > deadline:
            return ours


def test_a_machine_without_the_master_key_is_told_to_bring_it(
    machines: Sequence[Machine], stores: Databases, tmp_path: Path
) -> None:
    bare = Machine(tmp_path / "three", stores.for_migrate, machines[0].stack)
    refused = bare.run("migrate")
    assert refused.returncode == 1
    assert "bring the key from another machine" in refused.stderr
    assert not (tmp_path / "three" / "master.key").exists()
    for said in (refused.stdout, refused.stderr):
        assert stores.keys.owner not in said
