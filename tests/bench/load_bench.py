"""R13: so many durable commands a second over HTTP, each as it falls due, beside a stock FastAPI app at the same rate.

The app checks a body and inserts it into SQLite with fsync: no decision, no rule, no alert. A command is
counted from when it was due to be sent, so that a server that falls behind cannot hide it. One in ten is a
breach, whose alert the same process raises meanwhile.
"""

import gc
import http.client
import json
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import local
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel

from tests.bench.idle_roles_bench import resident
from tests.bench.log_bench import Figure
from tests.bench.processor_time import taken_by
from tests.forking import SPAWN
from tests.program import PATIENCE
from tests.web.callers import ApiProgram
from tests.web.site import TERM, UNCOUNTED, site_at

FULL = ((100, 1800), (300, 60))
QUICK = ((100, 5), (300, 5))
"""Commands a second, and for how many seconds."""
_CLIENTS = 64
_ORDERS = 29_989
"""Ten times as many as are in force in the country, for ten times its load; a prime, so that the breaches are spread
over all of them."""
_A_BREACH = 10
"""Every so manieth command."""
_WARM = 2

Command = tuple[str, dict[str, Any], str]
"""Where, what, and under which key."""


@dataclass(frozen=True)
class _Loaded:
    took: list[float]
    refused: int

    @property
    def p99(self) -> float:
        return quantiles(self.took, n=100)[98]


def figures(loads: Sequence[tuple[int, int]] = FULL) -> Iterator[Figure]:
    with (
        TemporaryDirectory() as folder,
        site_at(Path(folder), settings=UNCOUNTED) as site,
        _stock(Path(folder)) as stock_port,
    ):
        for number in range(_ORDERS):
            site.order(f"KENT-R13-{number}")
        # What was made for it would be looked through meanwhile, which stops all clients for a second.
        gc.freeze()
        program, made = ApiProgram(site), _commands()
        send = _sender(site.port, "/api/v1", program.token)
        bare = _sender(stock_port, "", {})
        for each in (send, bare):
            _loaded(each, made, 20, _WARM)
        for rate, lasting in loads:
            theirs = _loaded(bare, made, rate, min(lasting, 60))
            begun = taken_by(site.program.process.pid)
            ours = _loaded(send, made, rate, lasting)
            spent = (taken_by(site.program.process.pid) - begun) * 1000 / len(ours.took)
            name = f"{rate} commands/s for {lasting} s"
            ratio = ours.p99 / theirs.p99
            yield Figure(f"{name}, p99", "ms", ours.p99, theirs.p99, ratio, "<= 150", ours.took)
            yield Figure(f"{name}, CPU of the server, each", "ms", spent, 0, 0, "", [])
            yield Figure(f"{name}, not accepted", "", ours.refused, theirs.refused, 0, "0", [])
        held = resident(site.program.process.pid)
        yield Figure("memory of the process after all of it", "MB", held, 0, 0, "<= 512", [])


def _commands() -> Iterator[Command]:
    """Of many orders by turns: a visit, and now and then a breach."""
    for number in count():
        path = f"/orders/KENT-R13-{number % _ORDERS}"
        now = datetime.now(UTC)
        if number % _A_BREACH:
            yield f"{path}/visit-address", {"t": now.isoformat(), "result": "seen"}, f"r-{number}"
        else:
            at = (now - timedelta(minutes=5)).isoformat()
            told = {"t": now.isoformat(), "occurred_at": at, "condition": TERM}
            yield f"{path}/report-breach", told | {"incident": f"r13-{number}"}, f"r-{number}"


def _sender(port: int, prefix: str, headers: dict[str, str]) -> Callable[[Command], int]:
    """Over a connection that each thread keeps; one that idled for too long is made anew."""
    kept = local()

    def send(command: Command) -> int:
        if not hasattr(kept, "link"):
            kept.link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            return told(command)
        except (ConnectionError, http.client.ResponseNotReady):
            kept.link.close()
            return told(command)

    def told(command: Command) -> int:
        path, body, key = command
        more = headers | {"Content-Type": "application/json", "Idempotency-Key": key}
        kept.link.request("POST", prefix + path, json.dumps(body), more)
        answer = kept.link.getresponse()
        answer.read()
        return int(answer.status)

    return send


def _loaded(
    send: Callable[[Command], int], made: Iterator[Command], rate: int, lasting: float
) -> _Loaded:
    """Milliseconds from when each was due; nobody waits for another's answer."""
    begun = time.monotonic() + 0.1

    def one(command: Command, due: float) -> tuple[float, int]:
        status = send(command)
        return (time.monotonic() - due) * 1000, status

    with ThreadPoolExecutor(_CLIENTS) as pool:
        sent = []
        for number in range(int(rate * lasting)):
            due = begun + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            sent.append(pool.submit(one, next(made), due))
        answers = [each.result() for each in sent]
    return _Loaded(
        [took for took, _ in answers], sum(status != HTTPStatus.CREATED for _, status in answers)
    )


class _Told(BaseModel):
    t: AwareDatetime
    result: str | None = None
    occurred_at: AwareDatetime | None = None
    condition: str | None = None
    incident: str | None = None


@contextmanager
def _stock(folder: Path) -> Iterator[int]:
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_serve, args=(theirs, folder / "stock.db"), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(wire: Any, path: Path) -> None:
    app, kept = FastAPI(), local()
    with sqlite3.connect(path) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("CREATE TABLE told (number INTEGER PRIMARY KEY, path TEXT, body TEXT)")

    @app.post("/orders/{order}/{command}", status_code=201)
    def tell(order: str, command: str, told: _Told) -> dict[str, int | None]:
        if not hasattr(kept, "link"):
            kept.link = sqlite3.connect(path, timeout=5, isolation_level=None)
            kept.link.execute("PRAGMA synchronous = FULL")
        row = f"{order}/{command}", told.model_dump_json()
        done = kept.link.execute("INSERT INTO told (path, body) VALUES (?, ?)", row)
        return {"number": done.lastrowid}

    config = uvicorn.Config(app, port=0, log_config=None, access_log=False)
    door = config.bind_socket()
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    door.listen()
    wire.send(door.getsockname()[1])
    uvicorn.Server(config).run(sockets=[door])
