"""The real Prometheus and Alertmanager on the real program: a stage breaks, and somebody is told."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.acceptance.case_files import new_store
from tests.acceptance.systems import bring_in
from tests.program import Program
from tests.servers.prometheus import NoPrometheus, Watch, watching
from tests.servers.receiver import Receiver, receiving

TOLD_WITHIN = 30.0
SETTINGS = {"SPO_METRICS__PORT": "0"}


def started(store: Path, stack: ExitStack, *roles: str) -> tuple[Program, str]:
    """A process with these roles, and `host:port` of its metrics."""
    program = stack.enter_context(
        Program("run", *roles, "--data-dir", str(store), settings=SETTINGS)
    )
    said = json.loads(program.said.until(lambda line: '"what": "metrics"' in line))
    waiting = set(roles)
    while waiting:
        ready = program.said.until(lambda line: line.startswith("READY "))
        waiting.discard(ready.split()[1])
    return program, said["address"].removeprefix("http://").removesuffix("/metrics")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


def test_who_is_on_call_is_told_which_process_is_frozen_and_which_roles_are_missing(
    tmp_path: Path, receiver: Receiver
) -> None:
    store = new_store(tmp_path / "store")
    bring_in(store, "i-1")
    with ExitStack() as stack:
        try:
            watch = stack.enter_context(watching(tmp_path / "watch", base(receiver)))
        except NoPrometheus as none:
            pytest.skip(str(none))
        desk, at_desk = started(store, stack, "alert")
        _, at_others = started(store, stack, "reconcile", "measure")
        watch.point_at({"desk": at_desk, "others": at_others})
        assert watch.until("sum(up{job='spowatch'}) == 2")
        desk.freeze()
        told = until_told(receiver, "SpoProcessDown")
        desk.thaw()
        assert told["labels"]["process"] == "desk"
        assert told["annotations"]["runbook_url"] == "docs/runbook/SpoProcessDown.md"
        missing = until_told(receiver, "SpoRoleMissing")
        assert missing["labels"]["role"] in {"sweep", "deliver", "line-test"}
        assert until_told(receiver, "SpoWatchdog", path="/alive")
        recorded(watch)


def base(receiver: Receiver) -> str:
    return f"http://127.0.0.1:{receiver.port}"


def until_told(receiver: Receiver, name: str, path: str = "/on-call") -> dict[str, dict[str, str]]:
    """The first such alert that the receiver was told of. Fails when it was not in time."""
    deadline = monotonic() + TOLD_WITHIN
    while monotonic() < deadline:
        for reached in list(receiver.reached):
            for alert in json.loads(reached.body)["alerts"]:
                if reached.path == path and alert["labels"]["alertname"] == name:
                    return dict(alert)
        sleep(0.1)
    pytest.fail(f"{name} was not told within {TOLD_WITHIN} s")


def recorded(watch: Watch) -> None:
    """Prometheus has our metrics as we mean them."""
    [position] = watch.ask("max(spo_log_position)")
    assert float(position["value"][1]) > 0
    assert watch.ask("spo_arrests_unhandled")
    assert watch.ask("spo_stage_lag_seconds")
