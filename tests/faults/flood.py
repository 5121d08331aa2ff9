"""Clients that mean to exhaust the server, beside good ones whose answers are timed before and meanwhile.

`python -m tests.faults flood`: a body of 300 MB, 10,000 headers, 200 connections that never finish a
request, a gzip bomb; one JSON line; exit 1 when one was taken, memory grew by more than 20 MB, or good
clients waited longer than 500 ms (p99).
"""

import argparse
import gzip
import json
import socket
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import Event
from time import monotonic, sleep

from tests.faults.rough_http import rss
from tests.web.callers import ApiProgram
from tests.web.site import Site, site_at

MIB = 1024 * 1024
MOST_GROWTH = 20 * MIB
MOST_WAIT = 0.5
"""Seconds, of a good client, p99."""
SLOW = 200
_GOOD_EVERY = 0.02


def opened(site: Site) -> socket.socket:
    return socket.create_connection(("127.0.0.1", site.port), timeout=30)


def refused(site: Site, head: bytes, body: bytes = b"", times: int = 1) -> bool:
    """Whether the request is answered 4xx or cut off, however much of it is sent."""
    with closing(opened(site)) as line:
        with suppress(OSError):
            line.sendall(head)
            for _ in range(times):
                line.sendall(body)
        try:
            said = line.recv(64)
        except OSError:
            return True
    return said == b"" or said.startswith(b"HTTP/1.1 4")


def _head(site: Site, *headers: str) -> bytes:
    lines = [
        "POST /api/v1/orders/KENT-1/use-name HTTP/1.1",
        f"Host: 127.0.0.1:{site.port}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def huge_body(site: Site) -> bool:
    head = _head(site, "Content-Type: application/json", f"Content-Length: {300 * MIB}")
    return refused(site, head, b"x" * MIB, 300)


def huge_body_in_chunks(site: Site) -> bool:
    head = _head(site, "Content-Type: application/json", "Transfer-Encoding: chunked")
    return refused(site, head, b"100000\r\n" + b"x" * MIB + b"\r\n", 300)


def many_headers(site: Site) -> bool:
    return refused(site, _head(site, *(f"X-{number}: a" for number in range(10_000))))


def gzip_bomb(site: Site) -> bool:
    bomb = gzip.compress(b"\0" * (300 * MIB))
    sent = (
        "Content-Type: application/json",
        "Content-Encoding: gzip",
        f"Content-Length: {len(bomb)}",
    )
    return refused(site, _head(site, *sent), bomb)


ATTACKS: dict[str, Callable[[Site], bool]] = {
    "huge_body": huge_body,
    "huge_body_in_chunks": huge_body_in_chunks,
    "many_headers": many_headers,
    "gzip_bomb": gzip_bomb,
}


def slow(site: Site, held: ExitStack, count: int) -> list[socket.socket]:
    """Connections that begin a request and go no further."""
    lines = [held.enter_context(closing(opened(site))) for _ in range(count)]
    for line in lines:
        line.sendall(b"POST /api/v1/orders/KENT-1/use-name HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")
    return lines


def let_go(lines: Sequence[socket.socket]) -> int:
    """How many of them the server closed."""
    gone = 0
    for line in lines:
        with suppress(OSError):
            gone += line.recv(1) == b""
    return gone


def waited(program: ApiProgram, seconds: float, until: Event | None = None) -> list[float]:
    """How long each answer took, of one good client that asks again and again."""
    took, end = [], monotonic() + seconds
    while monotonic() < end and not (until is not None and until.is_set()):
        took.append(program.get("/alerts?limit=1").elapsed.total_seconds())
        sleep(_GOOD_EVERY)
    return took


def _p99(samples: Sequence[float]) -> float:
    return quantiles(samples, n=100)[98]


def flood(site: Site, slow_lines: int) -> dict[str, object]:
    program, over = ApiProgram(site), Event()
    quiet = waited(program, 5)
    before = rss(site.program.process.pid)
    with ExitStack() as held, ThreadPoolExecutor() as pool:
        good = [pool.submit(waited, program, 120, over) for _ in range(4)]
        lines = slow(site, held, slow_lines)
        results = {name: attack(site) for name, attack in ATTACKS.items()}
        gone = let_go(lines)
        over.set()
        meanwhile = [each for client in good for each in client.result()]
    grown = rss(site.program.process.pid) - before
    return {
        **results,
        "slow_let_go": gone,
        "rss_grown_mb": round(grown / MIB, 1),
        "p99_ms": round(_p99(meanwhile) * 1000, 1),
        "p99_quiet_ms": round(_p99(quiet) * 1000, 1),
        "answers": len(meanwhile),
        "good": all(results.values()) and gone == slow_lines and grown <= MOST_GROWTH and _p99(meanwhile) <= MOST_WAIT,
    }  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults flood", description=__doc__)
    parser.add_argument("--slow", type=int, default=SLOW)
    asked = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="flood-") as folder, site_at(Path(folder)) as site:
        told = flood(site, asked.slow)
    print(json.dumps(told))
    if not told["good"]:
        sys.exit(1)
