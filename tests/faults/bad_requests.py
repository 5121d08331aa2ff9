"""Requests as nobody should send them: lawful ones changed at random, each bearing a mark that must not come back."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

from domain.command_names import FACT_OF
from domain.desk.steps import STEPS
from domain.vocabulary import FACT_TYPES
from web.court.commands import RECORDINGS

GOLDEN = Path(__file__).parents[1] / "golden"
MARK = "zq7Kestrel"
SCRIPT = f"<script>{MARK}</script>"
API = "/api/v1"
_ALERT = "6f2c0b1e-9d53-5c0a-8a57-3a1f0d8a4f11"
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_METHODS = ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "HEAD", "PROPFIND", "GET", "POST", "X")
_ODD: tuple[Any, ...] = (None, True, -1, 2**63, 1e308, 10**400, "", "\0", "\u202e", "9999-99-99", [], {}, [[]], SCRIPT,
        "2026-02-30", "2026-01-01T00:00:00", "0001-01-01T00:00:00Z", MARK * 3000, {MARK: MARK}, [MARK])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as its bytes will say it. `person`: signed in by a cookie; otherwise by a token."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    person: bool = False
    raw_length: str | None = None

    def with_header(self, name: str, value: str) -> "Asked":
        kept = tuple(each for each in self.headers if each[0] != name)
        return replace(self, headers=(*kept, (name, value)))


@dataclass(slots=True)
class Bad:
    """Bad requests without end, the same ones for the same seed; about those orders."""

    seed: int
    orders: Sequence[str]
    csrf: str
    random: Random = field(init=False)
    lawful: list[Asked] = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.lawful = [*_commands(self.orders[0]), *_steps(), *_reads(self.orders[0]), *_forms(self.orders[0], self.csrf)]  # fmt: skip

    def requests(self) -> Iterator[Asked]:
        while True:
            asked = self.random.choice(self.lawful)
            for _ in range(self.random.choice((1, 1, 1, 2, 3))):
                # What is nested too deeply to be changed once more goes as it is.
                with suppress(RecursionError):
                    asked = self.random.choice(_CHANGES)(self.random, asked)
            yield asked


def _commands(order: str) -> Iterator[Asked]:
    for command, fact in FACT_OF.items():
        stored = json.loads((GOLDEN / f"{FACT_TYPES[fact].TOPIC}.json").read_text("utf-8"))
        body = {"t": "2026-11-20T10:00:00Z"} | stored["event"]
        yield Asked("POST", f"{API}/orders/{order}/{command}", (("Content-Type", _JSON),), json.dumps(body).encode())  # fmt: skip


def _steps() -> Iterator[Asked]:
    for step in STEPS:
        body = {"reason": "x", "unit": "KX1", "incident": "7", "priority": 1}
        yield Asked("POST", f"{API}/alerts/{_ALERT}/{step}", (("Content-Type", _JSON),), json.dumps(body).encode())  # fmt: skip


def _reads(order: str) -> Iterator[Asked]:
    purpose = (("X-Purpose", "responding"),)
    for path in (f"/orders/{order}", f"/orders/{order}/history", f"/alerts/{_ALERT}/briefing"):
        yield Asked("GET", API + path, purpose)
    for path in ("/alerts?after=0&limit=3", "/audit/consultations?after=0&limit=3"):
        yield Asked("GET", API + path)


def _forms(order: str, csrf: str) -> Iterator[Asked]:
    for command, recording in RECORDINGS.items():
        answers = {"csrf": csrf, "go": "check", "t-day": "20", "t-month": "11", "t-year": "2026", "t-clock": "10:00"}  # fmt: skip
        for each in recording.fields:
            answers[each.name] = each.choices[0][0] if each.choices else "x"
        yield Asked("POST", f"/orders/{order}/record/{command}", (("Content-Type", _FORM),), urlencode(answers).encode(), person=True)  # fmt: skip
    for path in (
        "/board",
        f"/alerts/{_ALERT}",
        f"/orders/{order}",
        f"/orders/{order}/record",
        "/record",
    ):
        yield Asked("GET", path, person=True)


def _random_bytes(random: Random, asked: Asked) -> Asked:
    return replace(asked, body=random.randbytes(random.choice((1, 7, 300, 5000))))


def _deep(random: Random, asked: Asked) -> Asked:
    depth = random.choice((50, 200, 900, 5000, 100_000))
    opening, closing = random.choice(((b"[", b"]"), (b'{"t":', b"}"), (b'{"conditions":[', b"]}")))
    return replace(asked, body=opening * depth + random.choice((closing * depth, b"")))


def _odd_value(random: Random, asked: Asked) -> Asked:
    try:
        told = json.loads(asked.body)
    except ValueError:
        return _cut(random, asked)
    if not isinstance(told, dict) or not told:
        return asked
    told[random.choice(list(told))] = random.choice(_ODD)
    return replace(asked, body=json.dumps(told).encode())


def _odd_key(random: Random, asked: Asked) -> Asked:
    odd = random.choice((MARK, SCRIPT, "order_ref", "t", "type", "data", "__proto__", "force", ""))
    body = asked.body[:-1] + f', "{odd}": "{MARK}"}}'.encode()
    return replace(asked, body=body if asked.body.endswith(b"}") else asked.body + b"&" + odd.encode() + b"=" + MARK.encode())  # fmt: skip


def _script_everywhere(random: Random, asked: Asked) -> Asked:
    try:
        told = json.loads(asked.body)
    except ValueError:
        return replace(asked, body=asked.body.replace(b"=x", b"=" + SCRIPT.encode()))
    return replace(asked, body=json.dumps(_scripted(told)).encode())


def _scripted(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _scripted(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_scripted(value) for value in told]
    return SCRIPT if isinstance(told, str) else told


def _cut(random: Random, asked: Asked) -> Asked:
    return replace(asked, body=asked.body[: random.randrange(len(asked.body) + 1)])


def _bad_utf8(random: Random, asked: Asked) -> Asked:
    at = random.randrange(len(asked.body) + 1)
    odd = random.choice((b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\\ud800", b"\0", b"\xef\xbb\xbf"))
    return replace(asked, body=asked.body[:at] + odd + asked.body[at:])


def _long(random: Random, asked: Asked) -> Asked:
    return replace(asked, body=asked.body.replace(b'"word"', json.dumps(MARK * 2500).encode(), 1) + b" " * random.choice((0, 9000)))  # fmt: skip


def _odd_method(random: Random, asked: Asked) -> Asked:
    return replace(asked, method=random.choice(_METHODS))


def _odd_path(random: Random, asked: Asked) -> Asked:
    odd = random.choice((f"/{MARK}", "/%00", "/%ff%fe", "/../../etc/passwd", "/%2e%2e%2f", "//", "/" + MARK * 200,
                         "?after=-1", "?after=" + "9" * 40, "?limit=x", f"?{MARK}={MARK}", "/record/%0d%0aX:%20y", "%", ";", "/" + "%F0%9F%92%A9" * 9))  # fmt: skip
    path = asked.path
    if random.random() < 0.5 and path.count("/") > 2:
        parts = path.split("/")
        parts[random.randrange(2, len(parts))] = odd.strip("/")
        path = "/".join(parts)
    else:
        path += odd
    return replace(asked, path=path)


def _odd_header(random: Random, asked: Asked) -> Asked:
    name = random.choice(("If-Match", "Idempotency-Key", "X-Purpose", "Content-Type", "Last-Event-ID", "Accept",
                          "Cookie", "Authorization", "Origin", "Sec-Fetch-Site", "Content-Encoding", "Host", "Accept-Language", "Referer", "Range", "Expect"))  # fmt: skip
    value = random.choice((MARK, SCRIPT, '"3"', '"999999999"', "*", "", "\xe9\xff", "a" * 3000, "application/json; charset=utf-7",
                           "multipart/form-data", "multipart/form-data; boundary=" + "b" * 300, "text/xml", "[", "http://[", "gzip", "responding", "Bearer ", "Bearer " + MARK, "bytes=0-"))  # fmt: skip
    return asked.with_header(name, value)


def _huge_headers(random: Random, asked: Asked) -> Asked:
    many = random.choice((1, 30, 300))
    size = random.choice((200, 5000, 20_000)) // many + 1
    for number in range(many):
        asked = asked.with_header(f"X-{number}", MARK + "h" * size)
    return asked


def _odd_length(random: Random, asked: Asked) -> Asked:
    return replace(asked, raw_length=random.choice(("-1", "x", "99999999999", "0x10", "1e3", "+5")))


_CHANGES: tuple[Callable[[Random, Asked], Asked], ...] = (
    _random_bytes, _deep, _odd_value, _odd_value, _odd_value, _odd_key, _script_everywhere, _cut, _bad_utf8,
    _long, _odd_method, _odd_path, _odd_path, _odd_header, _odd_header, _huge_headers, _odd_length,
)  # fmt: skip
