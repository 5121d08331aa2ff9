"""The port a process tells its metrics and its health on: for Prometheus, a load balancer, a supervisor."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any

from prometheus_client import MetricsHandler

from spowatch.metrics.meters import Meters
from spowatch.settings.faults import SettingsError
from spowatch.settings.metrics import MetricsSettings

PATIENCE = 5.0
"""Seconds for whoever asks to say what, and to take the answer."""

AT_ONCE = 8
"""So many may be silent, and so many be answered: each costs a thread. Of the silent the first to come goes for the
next, so that who asks is heard however many say nothing."""


@contextmanager
def metrics_served(
    settings: MetricsSettings | None, meters: Meters, show: Callable[[dict[str, Any]], None]
) -> Iterator[None]:
    """`show` is told the address. Raises `SettingsError` when it cannot be had."""
    if settings is None:
        yield
        return
    with _listening(settings, meters) as server:
        threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
        host, port = server.server_address[:2]
        show({"what": "metrics", "address": _address(str(host), int(port))})
        try:
            yield
        finally:
            server.shutdown()


def _listening(settings: MetricsSettings, meters: Meters) -> "_Server":
    try:
        return _Server(settings, meters)
    except OSError as fault:
        where = f"SPO_METRICS__HOST {settings.host}, SPO_METRICS__PORT {settings.port}"
        why = os.strerror(fault.errno) if fault.errno and fault.errno > 0 else str(fault)
        msg = f"cannot tell metrics at {where}: {why}; set a port of its own for each process"
        raise SettingsError(msg) from None


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/metrics" if ":" in host else f"http://{host}:{port}/metrics"


class _Server(ThreadingHTTPServer):
    """A few at a time, each with a deadline."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, settings: MetricsSettings, meters: Meters) -> None:
        self.address_family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        self.answering = threading.BoundedSemaphore(AT_ONCE)
        self._silent: dict[socket.socket, None] = {}
        self._lock = threading.Lock()
        handler = type("_Told", (_Teller,), {"registry": meters.registry, "meters": meters})
        super().__init__((settings.host, settings.port), handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._silent[request] = None
            longest = next(iter(self._silent)) if len(self._silent) > AT_ONCE else None
        if longest is not None:
            self.heard(longest)
            _hang_up(longest)
        super().process_request(request, client_address)

    def heard(self, request: socket.socket) -> None:
        """It has said what it wants, or is gone: it makes room for nobody any more."""
        with self._lock:
            self._silent.pop(request, None)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        timer = threading.Timer(PATIENCE, _hang_up, [request])
        timer.daemon = True
        timer.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            timer.cancel()
            self.heard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asked went away or took too long: nothing of ours went wrong."""


def _hang_up(request: socket.socket) -> None:
    """Whatever it does, a byte at a time even, its time is over."""
    try:
        request.shutdown(socket.SHUT_RDWR)
    except OSError:  # it is gone already
        return


class _Teller(MetricsHandler):
    """`/metrics`, `/healthz` and `/readyz`; nothing else is here."""

    server: _Server
    meters: Meters
    timeout = PATIENCE
    server_version, sys_version = "spowatch", ""

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        self.server.heard(self.connection)
        if not self.server.answering.acquire(blocking=False):
            self._tell(503, {"status": "too many ask at once"})
            return
        try:
            self._answer(self.path.partition("?")[0])
        finally:
            self.server.answering.release()

    def _answer(self, path: str) -> None:
        if path == "/metrics":
            super().do_GET()
        elif path == "/healthz":
            self._tell(200, {"status": "up"})
        elif path == "/readyz":
            self._tell(*readiness(self.meters))
        else:
            self._tell(404, {"status": "there is /metrics, /healthz and /readyz"})

    def _tell(self, status: int, body: Mapping[str, Any]) -> None:
        told = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)


def readiness(meters: Meters) -> tuple[int, dict[str, Any]]:
    """503 with the roles that are not at work, and why."""
    stalled = meters.stalled()
    if not stalled:
        return 200, {"status": "ready", "roles": meters.vitals.roles()}
    return 503, {"status": "stalled", "stages": stalled}
