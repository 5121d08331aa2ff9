"""Where each role of the split system tells its metrics, and what a command beside it must be told."""

import json
import shlex
import socket
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path


def ports_for(roles: Iterable[str]) -> dict[str, int]:
    """A port for each, free now; a role that is started again keeps it."""
    with ExitStack() as stack:
        held = {
            role: stack.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
            for role in roles
        }
        return {role: each.getsockname()[1] for role, each in held.items()}


def write_targets(file: Path, ports: Mapping[str, int]) -> None:
    """As Prometheus reads it (`file_sd_configs`)."""
    told = [
        {"targets": [f"127.0.0.1:{port}"], "labels": {"process": role}}
        for role, port in ports.items()
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(told, indent=1), encoding="utf-8")


def write_settings(file: Path, settings: Mapping[str, str]) -> None:
    """As a shell reads it; a DSN has spaces."""
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in settings.items()]
    file.write_text("".join(lines), encoding="utf-8")
