import json
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from time import monotonic

import pytest
import requests

from spowatch.metrics.meters import Meters
from spowatch.metrics.served import AT_ONCE, PATIENCE, metrics_served
from spowatch.settings.faults import SettingsError
from spowatch.settings.metrics import MetricsSettings
from tests.servers.debian import needed

BUSY = 60.0
"""Seconds in which the busiest machine has come to it."""


@contextmanager
def served(meters: Meters, port: int = 0) -> Iterator[str]:
    """The address without its path."""
    told: list[str] = []
    with metrics_served(
        MetricsSettings(port=port), meters, lambda said: told.append(said["address"])
    ):
        yield told[0].removesuffix("/metrics")


@pytest.fixture
def meters() -> Meters:
    found = Meters()
    found.vitals.expect(["alert"])
    found.vitals.ready("alert")
    found.roles.of("alert")
    return found


def test_metrics_are_as_prometheus_wants_them(meters: Meters) -> None:
    with served(meters) as address:
        told = requests.get(f"{address}/metrics", timeout=PATIENCE)
    assert 'spo_role_faults_total{role="alert"} 0.0' in told.text
    assert 'spo_role_stalled{role="alert"} 0.0' in told.text
    command = [needed("promtool", "prometheus"), "check", "metrics"]
    checked = subprocess.run(command, input=told.content, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, b""), checked.stdout + checked.stderr


def test_a_role_that_fails_makes_the_process_not_ready_and_is_named(meters: Meters) -> None:
    meters.vitals.expect(["relay"])
    with served(meters) as address:
        assert requests.get(f"{address}/healthz", timeout=PATIENCE).json() == {"status": "up"}
        told = requests.get(f"{address}/readyz", timeout=PATIENCE)
        assert told.status_code == 503
        ((stage, said),) = told.json()["stages"].items()
        assert stage == "relay"
        assert re.fullmatch(r"relay has not started for \d+ s", said)
        meters.vitals.ready("relay")
        assert requests.get(f"{address}/readyz", timeout=PATIENCE).status_code == 200
        assert requests.get(f"{address}/orders", timeout=PATIENCE).status_code == 404


def test_a_port_that_is_taken_is_one_line_that_names_the_setting(meters: Meters) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"SPO_METRICS__PORT {port}: Address already"):  # noqa: SIM117 - the inner one is to raise, and the outer is not
            with served(meters, port):
                pass


def test_whoever_hangs_is_hung_up_on_and_others_are_answered(meters: Meters) -> None:
    with served(meters) as address, ExitStack() as stack:
        place = ("127.0.0.1", int(address.rpartition(":")[2]))
        threads = threading.active_count()
        hanging = [stack.enter_context(socket.create_connection(place)) for _ in range(200)]
        for each in hanging[::2]:
            with suppress(OSError):  # it is hung up on already
                each.sendall(b"GET /metrics HTTP/1.1\r\n")
        # Were they to wait for each other, for longer than this waits.
        assert requests.get(f"{address}/metrics", timeout=PATIENCE / 2).status_code == 200
        most = threads + 4 * AT_ONCE  # of each a thread and its deadline, and some that are ending
        assert threading.active_count() <= most
        for each in hanging:
            each.settimeout(60)
            with suppress(ConnectionResetError):
                assert each.recv(1) == b""


def test_whoever_trickles_is_hung_up_on(meters: Meters) -> None:
    with served(meters) as address:
        place = ("127.0.0.1", int(address.rpartition(":")[2]))
        with socket.create_connection(place) as trickling:
            trickling.sendall(b"GET /metrics HTTP/1.1\r\n")
            assert hung_up_on(trickling)


def hung_up_on(trickling: socket.socket) -> bool:
    """Though it goes on asking, a letter at a time."""
    deadline, nothing = monotonic() + BUSY, threading.Event()
    while monotonic() < deadline:
        try:
            trickling.sendall(b"x")
        except OSError:
            return True
        nothing.wait(0.1)
    return False


def test_what_is_told_of_a_stalled_process_names_no_person(meters: Meters) -> None:
    meters.vitals.faulted("alert", ValueError("Vera Sample"))
    with served(meters) as address:
        told = requests.get(f"{address}/readyz", timeout=PATIENCE).text
        told += requests.get(f"{address}/metrics", timeout=PATIENCE).text
    assert "Vera" not in json.dumps(told)
