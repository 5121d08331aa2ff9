"""S1: no missed notification is concluded before its instant, after it, or twice.

Each order is served at its instant and told the time a microsecond before the deadline, at it, and
a day later. When that is comes from `summer_time`, which shares nothing with the register.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, partial
from itertools import chain, islice
from random import Random
from typing import Any

from domain.dossier import order_id
from domain.events import Envelope
from domain.facts import Fact
from domain.findings import NotificationMissed
from domain.orders import OrderOpened, StalkingProtectionOrder
from domain.vocabulary import Statement
from spowatch.garbage import collect_garbage_rarely
from tests.bench.log_bench import Figure
from tests.bench.registers import NOW, statement
from tests.bench.service_instants import awkward_instants, random_instants
from tests.bench.summer_time import ONE_DAY, day_in_london, midnight, too_late
from tests.forking import SPAWN

DEADLINES = 1_000_000
"""Some four minutes on two cores."""
QUICK = 20_000
PROCESSES = 2
SEED = 72
_MICROSECOND = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)
_ID = order_id("EARLY/1")
_OPENED = OrderOpened(reference="EARLY/1", force="Kent", regime="EW-SPA-2019")
_GIVEN: tuple[tuple[str, timedelta, dict[str, Any]], ...] = (
    (
        "ApplicationMade",
        2 * _HOUR,
        {"applicant": "chief_officer", "force": "Kent", "nexus": "resides"},
    ),
    ("FullOrderGranted", _HOUR, {"until": "further_order"}),
    ("OrderServed", timedelta(0), {"order_kind": "full", "method": "in_person"}),
)

Oracle = Callable[[datetime], datetime]


class Verdict(StrEnum):
    RIGHT = "right"
    EARLY = "early"
    LATE = "late"
    WRONG = "wrong"


def judged(served: datetime, deadline: datetime) -> Verdict:
    """How the register concludes on an order served then, of which nothing more is heard."""
    order = _served(served)
    if _missed(order, deadline - _MICROSECOND):
        return Verdict.EARLY
    at_it = _missed(order, deadline)
    after = _missed(order, deadline + ONE_DAY)
    if not at_it:
        return Verdict.LATE
    right = len(at_it) == 1 and not after and at_it[0].due_at == deadline
    return Verdict.RIGHT if right else Verdict.WRONG


def _served(served: datetime) -> StalkingProtectionOrder:
    order = StalkingProtectionOrder(_ID)
    order.open(_OPENED, Envelope(occurred_at=served, recorded_at=served, entered_at=served))
    for fact, before in _facts():
        at = served - before
        stated = order.state(Statement(fact=fact, t=at, recorded_at=at), entered_at=at)
        if stated.refusal is not None:
            raise AssertionError(served, stated.refusal)
    order.collect_events()
    return order


@cache
def _facts() -> list[tuple[Fact, timedelta]]:
    return [(statement(kind, NOW, **data).fact, before) for kind, before, data in _GIVEN]


def _missed(order: StalkingProtectionOrder, now: datetime) -> list[NotificationMissed]:
    """What it concludes anew when it is told the time."""
    order.advance(now, entered_at=now)
    events = (recorded.event for recorded in order.collect_events())
    return [event for event in events if isinstance(event, NotificationMissed)]


def instants(count: int, part: int = 0, parts: int = 1) -> Iterable[datetime]:
    """One of `parts` equal shares of `count` instants, the awkward ones first."""
    awkward = islice(awkward_instants(), part, None, parts)
    rng = Random(SEED + part)
    return islice(chain(awkward, random_instants(rng)), count // parts)


def count_verdicts(oracle: Oracle, served: Iterable[datetime]) -> Counter[str]:
    return Counter(str(judged(each, oracle(each))) for each in served)


def hours_72(served: datetime) -> datetime:
    """As a plain timer reckons it: 72 hours from the midnight that begins the day of service."""
    return midnight(day_in_london(served)) + timedelta(hours=72)


def figures(deadlines: int = DEADLINES, processes: int = PROCESSES) -> Iterator[Figure]:
    started = time.perf_counter()
    with SPAWN.Pool(processes) as pool:
        shares = pool.map(partial(_share, deadlines, processes), range(processes), chunksize=1)
    rate = sum(sum(mine.values()) for mine, _ in shares) / (time.perf_counter() - started)
    found: Counter[str] = sum((each for each, _ in shares), Counter())
    timer: Counter[str] = sum((each for _, each in shares), Counter())
    told = found.total()
    for verdict in (Verdict.EARLY, Verdict.LATE, Verdict.WRONG):
        name = f"S1 {verdict} of {told:,} deadlines"
        yield Figure(name, "deadlines; timer of 72 h", found[verdict], timer[verdict], 0, "0", [])
    yield Figure(f"S1 simulated, {processes} processes", "deadlines/s", rate, 0, 0, "", [rate])


def _share(deadlines: int, processes: int, part: int) -> tuple[Counter[str], Counter[str]]:
    """What the register makes of these deadlines, and what a plain timer would."""
    collect_garbage_rarely()
    found = count_verdicts(too_late, instants(deadlines, part, processes))
    timer = Counter(map(_of_timer, instants(deadlines, part, processes)))
    return found, timer


def _of_timer(served: datetime) -> str:
    fires, deadline = hours_72(served), too_late(served)
    if fires == deadline:
        return Verdict.RIGHT
    return Verdict.EARLY if fires < deadline else Verdict.LATE
