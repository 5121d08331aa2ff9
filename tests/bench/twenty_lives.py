"""The lives of orders over twenty years, each the same whenever and wherever it is told."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from domain.facts import Fact
from domain.vocabulary import Statement
from tests.bench.registers import breach, statement

BEGINS = datetime(2021, 1, 1, tzinfo=UTC)
ENDS = datetime(2041, 1, 1, tzinfo=UTC)
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_YEARS = (2, 2, 3, 5)


def told(number: int, seed: int) -> list[Statement]:
    """What is told of that order by the end, in the order of time."""
    rng = Random(f"{seed}/{number}")
    granted = BEGINS + rng.random() * (ENDS - BEGINS - 30 * _DAY) + 20 * _DAY
    facts = sorted(_life(rng, granted), key=lambda each: each.recorded_at)
    return [each for each in facts if each.recorded_at < ENDS]


def _life(rng: Random, granted: datetime) -> Iterator[Statement]:
    """One in five is served late, one in ten never notified; some move, some break the order."""
    named: dict[str, Any] = {"applicant": "chief_officer", "force": "Kent", "nexus": "resides"}
    last_day = (granted + rng.choice(_YEARS) * 365.25 * _DAY).date().isoformat()
    terms = {"last_day": last_day, "conditions": [{"code": "P-CONTACT-DIRECT"}]}
    yield _stated("ApplicationMade", granted - 14 * _DAY, named)
    yield _stated("FullOrderGranted", granted, terms)
    served = granted + (rng.uniform(1, 4) * _DAY if rng.random() < 0.2 else _HOUR)
    yield _stated("OrderServed", served, {"order_kind": "full", "method": "in_person"})
    if rng.random() < 0.9:
        yield _notified(served + rng.uniform(0.1, 3.2) * _DAY, "1 Larch Road")
    if rng.random() < 0.2:
        moved = served + rng.uniform(10, 300) * _DAY
        yield _stated("HomeAddressChanged", moved, {"to": "2 Elm Row"})
        if rng.random() < 0.7:
            yield _notified(moved + rng.uniform(0.1, 3.2) * _DAY, "2 Elm Row")
    if rng.random() < 0.15:
        yield breach(served + rng.uniform(5, 500) * _DAY, "first")


def _notified(at: datetime, address: str) -> Statement:
    home = {"station_area": "home_address_area", "names": ["J Moss"], "home_address": address}
    return _stated("NotificationReceived", at, home)


def _stated(kind: str, at: datetime, data: dict[str, Any]) -> Statement:
    return Statement(fact=_fact(kind, json.dumps(data)), t=at, recorded_at=at)


@lru_cache(10_000)
def _fact(kind: str, data: str) -> Fact:
    """A fact that holds no instant is read once for all who tell it."""
    return statement(kind, BEGINS, **json.loads(data)).fact
