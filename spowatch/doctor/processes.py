"""Asks each process of the system on its own port whether its roles are at work."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import SHUT_RDWR

from pydantic import BaseModel, TypeAdapter, ValidationError

from spowatch.doctor.in_time import Finding
from spowatch.settings.faults import SettingsError
from spowatch.settings.root import Settings

_PATIENCE = 3.0
_MOST = 65_536
_REMEDY = "see its log (`journalctl --unit spowatch@ROLE`) and docs/runbook/SpoProcessDown.md"


class _Targets(BaseModel):
    """As Prometheus reads them (`file_sd_configs`)."""

    targets: list[str]
    labels: dict[str, str] = {}


class _Told(BaseModel):
    """What a process says of itself on `/readyz`."""

    roles: list[str] = []
    stages: dict[str, str] = {}


def answering(
    settings: Settings, targets: Path | None
) -> Iterator[tuple[str, Callable[[], Finding]]]:
    """For each process its name and the question to it. Raises `SettingsError` for a bad file."""
    for name, address in _named(settings, targets):
        yield f"process {name}", partial(_asked, f"process {name}", address)


def _named(settings: Settings, targets: Path | None) -> Iterator[tuple[str, str]]:
    if targets is not None:
        for each in _read(targets):
            for address in each.targets:
                yield each.labels.get("process", address), address
    elif settings.metrics is not None and settings.metrics.port:
        host = settings.metrics.host
        yield "here", f"{'127.0.0.1' if host == '0.0.0.0' else host}:{settings.metrics.port}"  # noqa: S104 - told apart, not bound to


def _read(file: Path) -> list[_Targets]:
    try:
        return TypeAdapter(list[_Targets]).validate_json(file.read_bytes())
    except (OSError, ValidationError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "not a list of Prometheus's targets"
        msg = f"--targets {file}: {why}; name a file like deploy/prometheus/targets/embedded.json"
        raise SettingsError(msg) from None


def _asked(name: str, address: str) -> Finding:
    try:
        status, body = _got(address)
        told = _Told.model_validate_json(body)
    except (OSError, HTTPException, ValueError) as fault:
        why = getattr(fault, "strerror", None) or type(fault).__name__
        return name, False, f"{address} does not answer: {why}", _REMEDY
    if status == 200:  # noqa: PLR2004 - HTTP's own word for well
        return name, True, f"at work: {', '.join(told.roles)}", ""
    return name, False, "; ".join(told.stages.values()) or f"status {status}", _REMEDY


def _got(address: str) -> tuple[int, bytes]:
    """Within its time, also where the answer comes a byte at a time. Raises `OSError` and the library's own."""
    connection = HTTPConnection(address, timeout=_PATIENCE)
    with closing(connection):
        connection.connect()
        cut = threading.Timer(_PATIENCE, partial(connection.sock.shutdown, SHUT_RDWR))
        cut.daemon = True
        cut.start()
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            return answer.status, answer.read(_MOST)
        finally:
            cut.cancel()
