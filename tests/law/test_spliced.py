"""Facts of other cases spliced into a case: whatever story comes of it, everybody tells the same."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest

from spowatch.open_store import Store
from spowatch.what_if import what_if
from tests.law.comparing import Case, cases
from tests.law.test_live import OF_SENTENCES, lived_and_read, names_orders, ordered
from tests.stories import store_at

SEEDS = 200
TIMES = ("occurred_at", "served_at", "recorded_at")
NEAR = (0, 0, 1, -1, 60)
"""Seconds to a fact of the case's own."""
OF_ITS_OWN = {"ApplicationMade", "RegimeSwitch", "ExistingOrder"}
PLAIN = [
    case
    for case in cases()
    if case["regime"] == "EW-SPA-2019"
    and case["given"]
    and not names_orders(case)
    and not OF_SENTENCES & {fact["type"] for fact in case["given"]}
]
FOREIGN = [fact for case in PLAIN for fact in case["given"] if fact["type"] not in OF_ITS_OWN]
WHOLE = [case for case in PLAIN if any(f["type"] == "ApplicationMade" for f in case["given"])]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store_at(tmp_path_factory.mktemp("spliced")) as store:
        yield store


def spliced(rng: Random, base: Case) -> Case:
    """The case with one to four facts of others in it, each moved to a time of its own."""
    given = list(base["given"])
    first = min(map(instant, given))
    last = max(datetime.fromisoformat(base["as_of"]), first + timedelta(days=5))
    for _ in range(rng.randint(1, 4)):
        fact = rng.choice(FOREIGN)
        at = instant(rng.choice(given)) + timedelta(seconds=rng.choice(NEAR))
        if rng.random() > 1 / 3:
            at = (first + rng.random() * (last - first)).replace(microsecond=0)
        given.append(moved(fact, max(at, first) - instant(fact)))
    as_of = last + timedelta(days=rng.choice((0, 0, 1, 4, 30)))
    return {"regime": base["regime"], "given": given, "as_of": as_of.isoformat()}


def instant(fact: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(fact["t"])


def moved(fact: dict[str, Any], by: timedelta) -> dict[str, Any]:
    data = dict(fact.get("data", {}))
    for name in TIMES:
        if isinstance(data.get(name), str):
            data[name] = (datetime.fromisoformat(data[name]) + by).isoformat()
    return fact | {"t": (instant(fact) + by).isoformat(), "data": data}


def elsewhere(rng: Random, fact: dict[str, Any]) -> dict[str, Any]:
    """The same instant, as a clock of another zone writes it."""
    zone = timezone(timedelta(hours=rng.randint(-11, 12)))
    return fact | {"t": instant(fact).astimezone(zone).isoformat()}


def said(case: Case) -> dict[str, Any]:
    answer = ordered(what_if(case))
    codes = sorted(refused["code"] for refused in answer["rejected"])
    return answer | {"rejected": codes, "facets": sorted(answer["facets"])}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_neither_the_order_of_the_lines_nor_their_offsets_are_facts(seed: int) -> None:
    rng = Random(seed)
    case = spliced(rng, rng.choice(PLAIN))
    lines = [elsewhere(rng, fact) for fact in rng.sample(case["given"], len(case["given"]))]
    assert said(case | {"given": lines}) == said(case), json.dumps(case)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_live_register_tells_the_same_story_then_and_from_the_log(
    seed: int, shared: Store
) -> None:
    rng = Random(seed)
    case = spliced(rng, rng.choice(WHOLE)) | {"id": f"spliced-{seed}"}
    answer, (live, read) = ordered(what_if(case)), lived_and_read(case, shared)
    assert live == {key: answer[key] for key in live}, json.dumps(case)
    assert read == live
