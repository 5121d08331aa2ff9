"""The real Prometheus and Alertmanager on the real program: a stage breaks, and somebody is told."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pytest

from deploy.grafana.panels import BOARDS
from spowatch.metrics.meters import Meters
from spowatch.metrics.served import metrics_served
from spowatch.settings.metrics import MetricsSettings
from tests.acceptance.case_files import new_store
from tests.acceptance.systems import bring_in
from tests.program import Program
from tests.servers.debian import NotInstalled
from tests.servers.notify import notifying
from tests.servers.prometheus import Watch, watching
from tests.servers.receiver import Receiver, receiving

TOLD_WITHIN = 120.0
OTHERS = ("reconcile", "sweep", "project", "api", "line-test", "measure", "receipts")


@dataclass(frozen=True, slots=True)
class Watched:
    """The desk in a process, other roles in another, and who is told of trouble with them."""

    watch: Watch
    desk: Program
    receiver: Receiver


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    with ExitStack() as stack:
        receiver = stack.enter_context(receiving())
        here = f"http://127.0.0.1:{receiver.port}"
        try:
            watch = stack.enter_context(watching(folder / "watch", here))
        except NotInstalled as none:
            pytest.skip(str(none))
        store = new_store(folder / "store")
        texts = stack.enter_context(notifying()).settings
        outside = {"SPO_WEBHOOK__URL": f"{here}/alerts", **texts}
        desk, at_desk = started(store, stack, outside, "metrics", "alert", "outward")
        _, at_others = started(store, stack, outside, "pages", *OTHERS)
        broker = {"broker": with_a_broker(stack)}
        watch.point_at({"desk": at_desk, "others": at_others} | broker)
        bring_in(store, "i-1")
        assert watch.until("sum(up{job='spowatch'}) == 3")
        yield Watched(watch, desk, receiver)


def started(
    store: Path, stack: ExitStack, outside: Mapping[str, str], says: str, *roles: str
) -> tuple[Program, str]:
    """A process with these roles, and where it `says` one can ask it: its metrics, or the pages."""
    settings = {"SPO_METRICS__PORT": "0", **outside}
    arguments = ("run", *roles, "--data-dir", str(store))
    program = stack.enter_context(Program(*arguments, settings=settings))
    said = json.loads(program.said.until(lambda line: f'"what": "{says}"' in line))
    return program, said["address"].removeprefix("http://").partition("/")[0]


def with_a_broker(stack: ExitStack) -> str:
    """What a process with a broker tells and a database before anything has happened there; neither is started for it."""
    meters, told = Meters(), list[str]()
    meters.pool.in_use.set(0)
    meters.broker.bad.labels("arrest-desk")
    meters.broker.behind.labels("arrest-desk").set(0)
    stack.enter_context(
        metrics_served(MetricsSettings(port=0), meters, lambda said: told.append(said["address"]))
    )
    return told[0].removeprefix("http://").removesuffix("/metrics")


def test_every_panel_of_every_dashboard_finds_something(watched: Watched) -> None:
    queries = [(b.name, expr) for b in BOARDS for p in b.panels for expr, _ in p.queries]
    assert watched.watch.until("rate(spo_delivery_attempts_total[5m])")
    missing = {query for query in queries if not watched.watch.until(query[1], patience=60)}
    assert missing == set()
    assert watched.watch.ask("spo_arrests_unhandle") == []  # a mistyped one finds nothing


def test_who_is_on_call_is_told_which_process_is_frozen_and_which_roles_nobody_runs(
    watched: Watched,
) -> None:
    watched.desk.freeze()
    told = until_told(watched.receiver, "SpoProcessDown")
    watched.desk.thaw()
    assert told["labels"]["process"] == "desk"
    assert told["annotations"]["runbook_url"] == "docs/runbook/SpoProcessDown.md"
    assert until_told(watched.receiver, "SpoRoleMissing", role="deliver")
    assert until_told(watched.receiver, "SpoWatchdog", path="/alive")


def until_told(
    receiver: Receiver, name: str, path: str = "/on-call", **labels: str
) -> dict[str, dict[str, str]]:
    """The first such alert that the receiver was told of. Fails when it was not in time."""
    wanted = labels | {"alertname": name}
    deadline = monotonic() + TOLD_WITHIN
    while monotonic() < deadline:
        for reached in [each for each in list(receiver.reached) if each.path == path]:
            for alert in json.loads(reached.body)["alerts"]:
                if wanted.items() <= alert["labels"].items():
                    return dict(alert)
        sleep(0.1)
    pytest.fail(f"{name} was not told within {TOLD_WITHIN} s")
