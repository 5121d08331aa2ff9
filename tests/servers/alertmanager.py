"""Debian's Alertmanager in processes of its own, as the peer that alerts are compared with."""

import json
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Self

import requests

from tests.servers.debian import program
from tests.servers.ports import free_port

BINARY = "prometheus-alertmanager"
GROUP_WAIT = 3.0
"""Seconds. Its default is 30: what is accepted waits for others of its group."""

_PATIENCE = 60.0
_CONFIG = """
route:
  receiver: hook
  group_by: ['...']
  group_wait: {wait}s
  group_interval: {wait}s
  repeat_interval: 4h
receivers:
- name: hook
  webhook_configs:
  - url: {url}
    send_resolved: false
"""


class Alertmanager:
    """One process on a directory that stays. Left behind, it is killed."""

    def __init__(self, directory: Path, receiver: str) -> None:
        """Raises `NotInstalled`."""
        binary = program(BINARY)
        config = directory / "alertmanager.yml"
        config.write_text(_CONFIG.format(wait=int(GROUP_WAIT), url=receiver))
        port = free_port()
        self._at = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [
                binary,
                f"--config.file={config}",
                f"--storage.path={directory / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--cluster.listen-address=",
                "--log.level=error",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._until_ready()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def accept(self, names: Iterable[str]) -> None:
        """Returns once it has answered 200 for all of them, as Prometheus would have it."""
        ends = (datetime.now(UTC) + timedelta(hours=4)).isoformat()
        alerts = [{"labels": {"alertname": "breach", "id": each}, "endsAt": ends} for each in names]
        told = requests.post(f"{self._at}/api/v2/alerts", json=alerts, timeout=_PATIENCE)
        told.raise_for_status()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(_PATIENCE)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _until_ready(self) -> None:
        deadline = monotonic() + _PATIENCE
        while monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with suppress(requests.RequestException):
                requests.get(f"{self._at}/-/ready", timeout=1).raise_for_status()
                return
            sleep(0.05)
        self.kill()
        msg = f"{BINARY} did not start"
        raise TimeoutError(msg)


def told_of(body: str) -> list[str]:
    """Which alerts a notification of it is about."""
    return [each["labels"]["id"] for each in json.loads(body)["alerts"]]
