"""Debian's Prometheus and Alertmanager with the configuration we ship, told only where things are here."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import requests
import yaml

from tests.servers.debian import program
from tests.servers.ports import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
_PATIENCE = 60.0
RESEND = "--rules.alert.resend-delay=5s"
"""As docs/how-to/monitor.md says: what was sent while nobody listened is sent again soon, not in a minute."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Both, watching; they are asked over HTTP as anybody would."""

    prometheus: str
    alertmanager: str
    directory: Path

    def point_at(self, processes: Mapping[str, str]) -> None:
        """The processes to look at: `host:port` by name. It is read anew within seconds."""
        told = [{"targets": [at], "labels": {"process": name}} for name, at in processes.items()]
        (self.directory / "targets" / "here.json").write_text(json.dumps(told), encoding="utf-8")

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """What an instant query finds now."""
        answer = requests.get(
            f"{self.prometheus}/api/v1/query", params={"query": expression}, timeout=_PATIENCE
        )
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found

    def until(self, expression: str, patience: float = _PATIENCE) -> list[dict[str, Any]]:
        """What it finds, once it finds anything; nothing after all patience."""
        deadline = monotonic() + patience
        while not (found := self.ask(expression)) and monotonic() < deadline:
            sleep(0.1)
        return found


@contextmanager
def watching(directory: Path, receiver: str) -> Iterator[Watch]:
    """Alertmanager first, then Prometheus. `receiver` is told of everything. Raises `NotInstalled`."""
    for binary in ("prometheus", "prometheus-alertmanager"):
        program(binary)
    ports = free_port(), free_port()
    at = [f"127.0.0.1:{port}" for port in ports]
    shutil.copytree(DEPLOY / "prometheus", directory, dirs_exist_ok=True)
    for each in (directory / "targets").iterdir():
        each.unlink()
    _changed(directory / "prometheus.yml", {"127.0.0.1:9093": at[1], "127.0.0.1:9090": at[0]})
    told = directory / "alertmanager.yml"
    shutil.copy(DEPLOY / "alertmanager" / "alertmanager.yml", told)
    _changed(told, {"http://127.0.0.1:9095": receiver})
    with ExitStack() as stack:
        storage = f"--storage.path={directory / 'alertmanager'}"
        _started(stack, at[1], "prometheus-alertmanager", f"--config.file={told}", storage,
                 "--cluster.listen-address=")  # fmt: skip
        _started(stack, at[0], "prometheus", f"--config.file={directory / 'prometheus.yml'}",
                 f"--storage.tsdb.path={directory / 'tsdb'}", RESEND)  # fmt: skip
        yield Watch(f"http://{at[0]}", f"http://{at[1]}", directory)


def _changed(file: Path, places: Mapping[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for theirs, ours in places.items():
        assert theirs in text, theirs
        text = text.replace(theirs, ours)
    # Thirty seconds would be too long for a test; only where to look is read sooner, not how often.
    text = text.replace("refresh_interval: 30s", "refresh_interval: 1s")
    yaml.safe_load(text)
    file.write_text(text, encoding="utf-8")


def _started(stack: ExitStack, at: str, binary: str, *arguments: str) -> None:
    process = subprocess.Popen(
        [binary, *arguments, f"--web.listen-address={at}", "--log.level=error"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    deadline = monotonic() + _PATIENCE
    while monotonic() < deadline and process.poll() is None:
        with suppress(requests.RequestException):
            requests.get(f"http://{at}/-/ready", timeout=1).raise_for_status()
            return
        sleep(0.05)
    msg = f"{binary} did not start"
    raise TimeoutError(msg)
