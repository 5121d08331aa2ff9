"""Goal A8: one message in ten is never taken; what the others lose by it, and when a person knows.

Breaches with and without poison come in turns of one run through the wired system: the desk, the console and
the lanes of a webhook whose receiver answers 500 to every message of a poisoned order, or never answers it.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr

from spowatch.open_store import Store
from spowatch.running.running import Running
from spowatch.settings.outward import WebhookSettings
from spowatch.wiring.outward import lanes_of
from spowatch.wiring.store import migrate, now, opened, throw_away
from tests.bench.log_bench import Figure
from tests.bench.registers import NOW, breach, life, state
from tests.servers.receiver import Receiver, receiving

MESSAGES, QUICK = 400, 60
"""Of each kind of turn."""

TURNS = 4
SHARE = 10
"""Every tenth is poison: Cometa's share."""

_BREACHES = -2
"""Where the breaches of a life begin: it shall have none but ours."""

_DAY = timedelta(days=1)
_PAUSE = 0.05
_SETTLES = 1.5
"""Seconds in which what the lives brought is worked off."""

_PATIENCE = 60.0


@dataclass
class Account:
    """When each order's breach was accepted, reached the receiver, and was put before a person."""

    accepted: dict[str, float] = field(default_factory=dict)
    reached: dict[str, float] = field(default_factory=dict)
    said: dict[str, float] = field(default_factory=dict)
    poisoned: set[str] = field(default_factory=set)

    def refuses(self, body: str) -> bool:
        """Whether the receiver is not to take it; it notes when a message came for the first time."""
        order = str(json.loads(body)["data"]["order"])
        if order not in self.accepted:
            return False
        self.reached.setdefault(order, time.monotonic())
        return order in self.poisoned

    def show(self, said: dict[str, Any]) -> None:
        if said["what"] == "not_taken":
            self.said.setdefault(str(said["order"]), time.monotonic())

    def waits(self, orders: list[str], of: dict[str, float]) -> list[float]:
        """Milliseconds from acceptance."""
        return [(of[order] - self.accepted[order]) * 1000 for order in orders]


def figures(messages: int = MESSAGES) -> Iterator[Figure]:
    for hangs in (False, True):
        yield from _figures(messages, "10 % hang" if hangs else "10 % poison", hangs=hangs)


def _figures(messages: int, kind: str, *, hangs: bool) -> Iterator[Figure]:
    clean, healthy, poison = measured(messages, hangs=hangs)
    base = quantiles(clean, n=100)
    for percent, goal in ((50, ""), (99, "<= 1.10")):
        value = quantiles(healthy, n=100)[percent - 1]
        ratio = value / base[percent - 1]
        name = f"accepted -> taken p{percent}, {kind}"
        yield Figure(name, "ms", value, base[percent - 1], ratio, goal, healthy)
    worst = max(poison)
    name = f"{kind} -> before a person, worst"
    yield Figure(name, "ms", worst, median(poison), worst / median(poison), "<= 5,000", poison)


def measured(
    messages: int, turns: int = TURNS, *, hangs: bool = False
) -> tuple[list[float], list[float], list[float]]:
    """Without poison; the healthy ones with it; the poison ones until a person knew. Milliseconds."""
    account = Account()
    with receiving() as receiver, system(receiver, account) as store:
        if hangs:
            receiver.hangs = account.refuses
        else:
            receiver.refuses = account.refuses
        each = messages // turns
        told = [_turn(store, account, each, f"T{turn}", turn % 2) for turn in range(2 * turns)]
        poisoned = sorted(account.poisoned)
        _until(lambda: account.said.keys() >= set(poisoned))
    clean = [order for turn in told[::2] for order in turn]
    healthy = [order for turn in told[1::2] for order in turn if order not in account.poisoned]
    waits = account.waits(clean, account.reached), account.waits(healthy, account.reached)
    return *waits, account.waits(poisoned, account.said)


def _turn(store: Store, account: Account, messages: int, name: str, poison: int) -> list[str]:
    orders = [f"{name}/{number}" for number in range(messages)]
    for order in orders:
        state(store.register, order, life(NOW - _DAY)[:_BREACHES])
    time.sleep(_SETTLES)
    if poison:
        account.poisoned |= set(orders[SHARE - 1 :: SHARE])
    for order in orders:
        account.accepted[order] = time.monotonic()
        state(store.register, order, [breach(now(), "third")])
        time.sleep(_PAUSE)
    _until(lambda: account.reached.keys() >= set(orders))
    return orders


@contextmanager
def system(receiver: Receiver, account: Account) -> Iterator[Store]:
    with TemporaryDirectory(prefix="spowatch-poison-") as folder:
        url = SecretStr(receiver.url)
        settings = throw_away(Path(folder)).model_copy(update={"webhook": WebhookSettings(url=url)})
        migrate(settings)
        with opened(settings) as store:
            running = Running(store, account.show, threading.Event())
            running.start(["alert", "deliver", *lanes_of(settings)], lambda _: None)
            try:
                yield store
            finally:
                running.stop()


def _until(holds: Any) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            msg = "not all of them arrived"
            raise TimeoutError(msg)
        time.sleep(0.01)
