"""Where each role of the split system tells its metrics, for whoever watches: one port a process."""

import json
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
