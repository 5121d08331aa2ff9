"""One fault after another, by seed, on one system while facts go in."""

from collections import Counter
from collections.abc import Callable
from itertools import cycle
from random import Random
from signal import SIGKILL
from time import sleep

from tests.faults.split.account import Account, Allowed
from tests.faults.split.cell import Cell
from tests.faults.split.every_role import looked_after
from tests.faults.split.field import EVERY_ROLE, ROLES, Arrangement, Field
from tests.faults.split.ground import back, frozen, kill_postgres

PAUSE = (0.9, 1.8)
"""Seconds between two faults."""
_ROUND = 25
"""Faults on one database; then another, so that counting stays quick."""
_HELD = (0.3, 2.5)


def _kill(system: Field, rng: Random) -> None:
    for name in rng.sample(sorted(system.roles), rng.choice((1, 2, 3, len(system.roles)))):
        system.roles[name].kill()


def _freeze(system: Field, rng: Random) -> None:
    with system.roles[rng.choice(sorted(system.roles))].frozen():
        sleep(rng.uniform(*_HELD))


def _kill_writer(system: Field, rng: Random) -> None:
    rng.choice(system.feeders).kill()


def _cut(system: Field, rng: Random) -> None:
    system.ground.broker_link.cut()


def _silence(system: Field, rng: Random) -> None:
    system.ground.broker_link.shut()
    sleep(rng.uniform(*_HELD))
    system.ground.broker_link.heal()


def _freeze_broker(system: Field, rng: Random) -> None:
    with frozen([broker.pid for broker in system.ground.kafka.brokers]):
        sleep(rng.uniform(*_HELD))


def _kill_broker(system: Field, rng: Random) -> None:
    broker = rng.choice(system.ground.kafka.brokers)
    broker.kill()
    back(broker)


def _kill_database(system: Field, rng: Random) -> None:
    kill_postgres(system.ground.postgres)
    system.ground.postgres.start()


_FAULTS: dict[str, tuple[int, Callable[[Field, Random], None]]] = {
    "kill": (10, _kill),
    "freeze": (5, _freeze),
    "kill the writer": (3, _kill_writer),
    "cut": (3, _cut),
    "silence": (2, _silence),
    "freeze the broker": (2, _freeze_broker),
    "kill the broker": (1, _kill_broker),
    "kill the database": (1, _kill_database),
}


def _strike(faults: int) -> Callable[[Field, Random], None]:
    def strike(system: Field, rng: Random) -> None:
        struck: Counter[str] = Counter()
        weights = [weight for weight, _ in _FAULTS.values()]
        for _ in range(faults):
            [name] = rng.choices(list(_FAULTS), weights)
            _FAULTS[name][1](system, rng)
            struck[name] += 1
            sleep(rng.uniform(*PAUSE))
        system.notes["struck"] = dict(struck)
        system.notes["killed"] = dict(_killed(system))

    return strike


def _killed(system: Field) -> Counter[str]:
    """How often each role was, however many of it there are."""
    killed: Counter[str] = Counter()
    for each in system.roles.values():
        killed[each.role] += each.exits.count(-SIGKILL)
    return killed


def _died(system: Field, account: Account) -> bool:
    return any(each.exits for each in system.roles.values())


def _looked_after_too(system: Field, account: Account) -> bool:
    looked_after(system)
    return _died(system, account)


def rounds(faults: int) -> list[Cell]:
    """As many faults, in rounds: by turns on the roads from a fact to an alert alone, and on every role there is."""
    sizes = [_ROUND] * (faults // _ROUND) + ([faults % _ROUND] if faults % _ROUND else [])
    systems = cycle([("two relays", ROLES, _died), ("every role", EVERY_ROLE, _looked_after_too)])
    return [
        Cell(
            f"random {number}",
            f"{size} faults, {which}",
            _strike(size),
            bit,
            Arrangement(roles=(*roles, "relay2"), broker_proxied=("relay", "alert")),
            # Several roads may be shut at once.
            Allowed(late=True),
            alone=True,
        )
        for number, (size, (which, roles, bit)) in enumerate(
            zip(sizes, systems, strict=False), start=1
        )
    ]
