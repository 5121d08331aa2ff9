"""Records that no honest sender makes, for the two topics that the roles read."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from consumers.intake import LARGEST
from domain.events import event_id
from domain.findings import BreachRecorded

CANARY = "Zelda Quill"
"""A name in every bad record that can hold one. It must come out nowhere."""

_BYTES = CANARY.encode()
_FINDING = BreachRecorded.TOPIC
Headers = list[tuple[str, bytes]]


class _NotText(str):
    """A header's name as no honest client writes it: kafka-python stops for ever before it."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"\xff\xfe" + super().encode(encoding, errors)


GARBAGE: Headers = [(_NotText(CANARY), _BYTES)]


@dataclass(frozen=True, slots=True)
class Record:
    """What is sent, and the stream that is parked because of it where it is readable by itself."""

    value: bytes | None
    key: bytes | None = None
    headers: Headers = field(default_factory=list)
    parks: UUID | None = None


Fact = dict[str, Any]


def order_made() -> list[Fact]:
    """An order in force, served and notified, by the clock of this machine."""
    made = datetime.now(UTC) - timedelta(days=20)
    terms = [{"code": "P-CONTACT-DIRECT"}]
    applied = {"applicant": "chief_officer", "force": "Kent", "nexus": "resides"}
    home = {
        "station_area": "home_address_area",
        "home_address": "1 Larch Road",
        "names": ["J Moss"],
    }
    return [
        _fact("ApplicationMade", made - timedelta(days=9), applied),
        _fact("FullOrderGranted", made, {"until": "further_order", "conditions": terms}),
        _fact("OrderServed", made + timedelta(hours=2), {}),
        _fact("NotificationReceived", made + timedelta(days=1), home),
    ]


def breach(incident: str) -> Fact:
    now = datetime.now(UTC)
    act = {"occurred_at": (now - timedelta(minutes=5)).isoformat(), "incident": incident}
    return _fact("BreachReported", now, {"condition": "P-CONTACT-DIRECT", **act})


def _fact(kind: str, t: datetime, data: Mapping[str, Any]) -> Fact:
    return {"type": kind, "t": t.isoformat(), "data": data}


def told(order: str, fact: Mapping[str, Any], **more: Any) -> bytes:
    return json.dumps({"order": order, **fact, **more}).encode()


def _reported(changes: Mapping[str, Any] | None = None, **data: Any) -> bytes:
    """A report of a breach, with something in it that does not belong there."""
    sound = breach(CANARY)
    return told("KENT-1", sound | {"data": sound["data"] | data} | dict(changes or {}))


def for_intake(rare: int = 20) -> Iterator[Record]:
    """Without end; what costs the reader most comes once in `rare` rounds."""
    ahead = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    kinds: list[Callable[[], Record]] = [
        lambda: Record(b"\xff\xfe" + _BYTES),
        lambda: Record(b'{"a":' * 20_000 + _BYTES),
        lambda: Record(_BYTES),
        lambda: Record(b"[1, " + _BYTES),
        lambda: Record(b'"' + _BYTES + b'"'),
        lambda: Record(_reported({"type": "BreachSuspected"})),
        lambda: Record(_reported({"type": "BreachReported.v9"})),
        lambda: Record(_reported({"type": CANARY})),
        lambda: Record(_reported({CANARY: CANARY})),
        lambda: Record(_reported({"t": CANARY})),
        lambda: Record(_reported({"t": ahead})),
        lambda: Record(_reported(occurred_at=ahead)),
        lambda: Record(_reported(condition=[CANARY])),
        lambda: Record(_reported(source=CANARY)),
        lambda: Record(_reported({"data": {CANARY: 1}})),
        lambda: Record(_reported({"order": "KENT-1\n" + CANARY})),
        lambda: Record(_reported({"role": [CANARY]})),
        lambda: Record(_reported({"data": [CANARY]})),
        lambda: Record(_reported(), key=_BYTES),
        lambda: Record(_reported(), key=b"\xff"),
        lambda: Record(_reported()[:-1] + b', "order": "' + _BYTES + b'"}'),
        lambda: Record(_reported()[:-1] + b', "n": NaN}'),
        lambda: Record(_reported()[:-1] + b', "n": ' + b"9" * 5_000 + b"}"),
        lambda: Record(_reported(narrative="\ud800")),
        lambda: Record(None, key=_BYTES),
        lambda: Record(b"", key=b"KENT-1"),
    ]
    costly = [
        lambda: Record(b" " * LARGEST + _BYTES),
        lambda: Record(_reported({"type": CANARY}), headers=GARBAGE),
    ]
    return _rounds(kinds, costly, rare)


def for_the_desk(rare: int = 20) -> Iterator[Record]:
    """As above. `spo.alert.requested.v1` is ours to write; whoever else can is not to be believed."""
    kinds: list[Callable[[], Record]] = [
        lambda: Record(_BYTES),
        lambda: Record(b"{}", headers=[("x", _BYTES)]),
        lambda: _referring(ce_id=str(uuid4())),
        lambda: _referring(ce_id=CANARY),
        lambda: _referring(ce_type="spo.breach-recorded.v9"),
        lambda: _referring(ce_type=CANARY),
        lambda: _referring(ce_type="x" * 10_000),
        lambda: _referring(ce_sequence=CANARY),
        lambda: _referring(ce_sequence="9" * 5_000),
        lambda: _referring(ce_subject=CANARY),
        lambda: _referring(ce_ordersequence="-1.5"),
        lambda: _referring(key=_BYTES),
        lambda: _without("ce_type"),
        lambda: _without("ce_id"),
        lambda: _without("ce_subject"),
        _of_an_unknown_order,
        lambda: _of_an_unknown_order(version=10**30),
        lambda: _of_an_unknown_order(version=-1),
    ]
    return _rounds(kinds, [lambda: Record(b"{}", headers=GARBAGE)], rare)


def _rounds(
    kinds: list[Callable[[], Record]], costly: list[Callable[[], Record]], rare: int
) -> Iterator[Record]:
    for number in count():
        if number % rare == 0:
            yield from (make() for make in costly)
        yield from (make() for make in kinds)


def _of_an_unknown_order(version: int = 1) -> Record:
    """Well formed, and about nothing."""
    stream = uuid4()
    made = _made(stream, version)
    return Record(b"{}", str(stream).encode(), made, parks=stream)


def _referring(*, key: bytes | None = None, **changed: str) -> Record:
    stream = uuid4()
    made = [(name, changed.get(name, value.decode()).encode()) for name, value in _made(stream, 1)]
    return Record(_BYTES, str(stream).encode() if key is None else key, made)


def _without(name: str) -> Record:
    made = _referring()
    return Record(made.value, made.key, [each for each in made.headers if each[0] != name])


def _made(stream: UUID, version: int) -> Headers:
    told = {
        "ce_id": event_id(stream, version),
        "ce_type": _FINDING,
        "ce_subject": stream,
        "ce_sequence": 1,
        "ce_ordersequence": version,
        "ce_partitionkey": stream,
    }
    return [(name, str(value).encode()) for name, value in told.items()]
