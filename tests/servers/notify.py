"""GOV.UK Notify at the edge of the world: takes every message under an id of its own, and says that it was delivered."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

KEY = "-".join(["duty", str(UUID(int=1)), str(UUID(int=2))])


@dataclass
class Notify:
    """`taken` has the reference of each message, by Notify's id of it."""

    port: int = 0
    taken: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Mapping[str, str]:
        """Of a program that reaches one telephone through it."""
        return {
            "SPO_TEXT__API": f"http://127.0.0.1:{self.port}",
            "SPO_TEXT__API_KEY": KEY,
            "SPO_TEXT__TEMPLATE": "template-1",
            "SPO_TEXT__TO__DUTY": "07700900001",
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        message, identity = json.loads(self.rfile.read(length)), str(uuid4())
        self.server.notify.taken[identity] = message["reference"]
        self._say(201, {"id": identity})

    def do_GET(self) -> None:
        identity = self.path.rpartition("/")[2]
        reference = self.server.notify.taken.get(identity)
        if reference is None:
            self._say(404, {"errors": [{"error": "NoResultFound", "message": "No result found"}]})
            return
        ended = datetime.now(UTC).isoformat()
        told = {"reference": reference, "status": "delivered", "completed_at": ended}
        self._say(200, {"id": identity, **told})

    def _say(self, status: int, told: Mapping[str, object]) -> None:
        answer = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """What was taken is kept; nothing is printed."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, notify: Notify) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.notify = notify


@contextmanager
def notifying() -> Iterator[Notify]:
    notify = Notify()
    with _Server(notify) as server:
        notify.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield notify
        finally:
            server.shutdown()
