"""Sends bad requests to the pages and the API, and counts what should never come back.

`python -m tests.faults http --requests 100000 --seed 1`: one JSON line; exit 1 when a request was answered
5xx, was not answered, or had its own words said back.
"""

import argparse
import json
import os
import socket
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from tests.faults.bad_requests import MARK, SCRIPT, Asked, Bad
from tests.web.site import UNCOUNTED, Caller, Site, site_at

SENDERS = 4
PATIENCE = 10.0
"""Seconds without an answer that count as a hang."""
_ROLES = ("spoc", "spoc", "spoc", "court_liaison")
_MOST_EXAMPLES = 20


@dataclass(slots=True)
class Told:
    """What came of the requests."""

    requests: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    server_errors: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    echoes: list[str] = field(default_factory=list)

    def add(self, other: "Told") -> None:
        self.requests += other.requests
        self.statuses += other.statuses
        for name in ("server_errors", "hangs", "echoes"):
            getattr(self, name).extend(getattr(other, name))

    @property
    def good(self) -> bool:
        return not (self.server_errors or self.hangs or self.echoes)


class Line:
    """One connection, opened again whenever the server closes it."""

    def __init__(self, site: Site, caller: Caller) -> None:
        self._site, self._caller = site, caller
        self._socket: socket.socket | None = None

    def ask(self, asked: Asked) -> tuple[int, bytes]:
        """Status and body. Raises `TimeoutError` when there is no answer."""
        sent = self._bytes(asked)
        for fresh in (False, True):
            if self._socket is None or fresh:
                self.close()
                self._socket = socket.create_connection(("127.0.0.1", self._site.port), timeout=PATIENCE)  # fmt: skip
            try:
                return self._answer(self._socket, asked, sent)
            except (ConnectionError, HTTPException):
                self.close()
        return 0, b""

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _answer(self, line: socket.socket, asked: Asked, sent: bytes) -> tuple[int, bytes]:
        line.sendall(sent)
        with closing(HTTPResponse(line, method=asked.method)) as response:
            response.begin()
            told = response.read(200_000) if "event-stream" not in (response.headers.get("content-type") or "") else b""  # fmt: skip
            again = not response.will_close and response.isclosed()
        # What follows a body that was announced longer than it is counts as the rest of it.
        if not again or asked.raw_length:
            self.close()
        return response.status, response.headers.as_bytes() + told

    def _bytes(self, asked: Asked) -> bytes:
        signed_in = {"Cookie": self._caller.cookie} if asked.person else {"Authorization": f"Bearer {self._caller.token}"}  # fmt: skip
        headers = {"Host": f"127.0.0.1:{self._site.port}", **signed_in, **dict(asked.headers)}
        if asked.body or asked.method in {"POST", "PUT", "PATCH"}:
            headers["Content-Length"] = asked.raw_length or str(len(asked.body))
        lines = [
            f"{asked.method} {asked.path} HTTP/1.1",
            *(f"{n}: {v}" for n, v in headers.items()),
        ]
        return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + asked.body


def storm(site: Site, requests: int, seed: int) -> Told:
    """So many bad requests, from several senders at once, as people of several roles."""
    site.order("KENT-STORM-1")
    callers = [Caller(site, str(7000 + number), "Kent", role) for number, role in enumerate(_ROLES)]
    told = Told()
    with ThreadPoolExecutor(SENDERS) as pool:
        share = requests // SENDERS
        for some in pool.map(lambda n: _sent(site, callers[n], share, seed * SENDERS + n), range(SENDERS)):  # fmt: skip
            told.add(some)
    return told


def _sent(site: Site, caller: Caller, requests: int, seed: int) -> Told:
    told, line, begun = Told(), Line(site, caller), monotonic()
    for asked in islice(Bad(seed, ["KENT-STORM-1"], caller.csrf).requests(), requests):
        told.requests += 1
        try:
            status, answer = line.ask(asked)
        except TimeoutError:
            line.close()
            told.hangs.append(f"after {monotonic() - begun:.0f} s: {_named(asked)}")
            continue
        told.statuses[f"{status // 100}xx" if status else "closed"] += 1
        if status >= 500:
            told.server_errors.append(f"{status} {_named(asked)}")
        elif _echoed(asked, status, answer):
            told.echoes.append(f"{status} {_named(asked)}")
    line.close()
    return told


def _echoed(asked: Asked, status: int, answer: bytes) -> bool:
    """A page shows a form again with what was typed, escaped; the API says nothing back.

    What it took it reads out again to whoever may read it, as JSON, which no browser runs.
    """
    if asked.path.startswith("/api/"):
        return status >= 400 and MARK.encode() in answer
    return SCRIPT.encode() in answer


def _named(asked: Asked) -> str:
    return f"{asked.method} {asked.path[:120]} {[n for n, _ in asked.headers][:6]} {asked.body[:160]!r}"


def rss(pid: int) -> int:
    """Bytes of memory that the process really has."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults http", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    with (
        TemporaryDirectory(prefix="storm-") as folder,
        site_at(Path(folder), settings=UNCOUNTED) as site,
    ):
        begun, before = monotonic(), rss(site.program.process.pid)
        told = storm(site, asked.requests, asked.seed)
        took = monotonic() - begun
        grown = rss(site.program.process.pid) - before
    print(json.dumps(dict(_report(told)) | {"seed": asked.seed, "took_s": round(took, 1), "rss_grown_mb": round(grown / 1e6, 1)}))  # fmt: skip
    for example in [*told.server_errors, *told.hangs, *told.echoes][:_MOST_EXAMPLES]:
        print(f"  {example}", file=sys.stderr)
    if not told.good:
        sys.exit(1)


def _report(told: Told) -> Iterator[tuple[str, object]]:
    yield "requests", told.requests
    yield "statuses", dict(sorted(told.statuses.items()))
    yield "server_errors", len(told.server_errors)
    yield "hangs", len(told.hangs)
    yield "echoes", len(told.echoes)
