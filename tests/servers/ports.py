"""Ports that nobody listens on, and that nobody takes before they are listened on."""

import os
import random
import socket

_OURS = range(12_000, 20_000)
"""Below where Linux picks the ports it gives to others, and beside those of deploy/kafka."""
_WORKERS = 16
_given: set[int] = set()


def free_port() -> int:
    """One that no other test is given, in whatever worker; it may be left and listened on again."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    mine = [port for port in _OURS if port % _WORKERS == worker and port not in _given]
    for port in random.sample(mine, len(mine)):
        _given.add(port)
        if _nobody_listens(port):
            return port
    msg = f"no free port between {_OURS.start} and {_OURS.stop}"
    raise OSError(msg)


def _nobody_listens(port: int) -> bool:
    with socket.socket() as probe:
        # A connection that has just ended is no hindrance to a server either.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True
