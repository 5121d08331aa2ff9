"""The cells in which a role, a server or a link goes away while facts come in, and comes back."""

from collections.abc import Callable
from random import Random
from time import monotonic, sleep, time

from tests.faults.split.account import Account, Allowed
from tests.faults.split.cell import Cell, Strike
from tests.faults.split.field import ROLES, Arrangement, Field
from tests.faults.split.ground import back, frozen, kill_postgres, server_processes
from tests.faults.split.traces import records_of
from tests.servers.frame_proxy import Bite, Direction

DOWN = 3.0
"""Seconds a role is away: long enough for the other road to be taken."""
_MEANWHILE = 20
"""Facts that are to come in meanwhile, at the least."""
BROKER_DOWN = 15.0
_DATABASE_DOWN = 3.0
_FLOWS = 30.0
_REQUESTED = "spo.alert.requested.v1"


def role_killed(role: str) -> Strike:
    def strike(system: Field, rng: Random) -> None:
        with system.roles[role].down():
            sleep(DOWN)
            system.await_acknowledged(_MEANWHILE)
        system.roles[role].wait_until_ready()

    return strike


def role_killed_often(role: str) -> Strike:
    def strike(system: Field, rng: Random) -> None:
        for _ in range(4):
            system.roles[role].kill()
            sleep(rng.uniform(0.9, 1.8))

    return strike


def role_frozen(role: str) -> Strike:
    def strike(system: Field, rng: Random) -> None:
        with system.roles[role].frozen():
            sleep(DOWN + 1)
            system.notes["bit"] = system.roles[role].is_frozen()

    return strike


def _died(role: str) -> Callable[[Field, Account], bool]:
    return lambda system, _: -9 in system.roles[role].exits


def _always(system: Field, account: Account) -> bool:
    return bool(system.notes.get("bit"))


def _broker_killed(system: Field, rng: Random) -> None:
    """All nodes at once; facts and alerts must go on meanwhile."""
    kafka = system.ground.kafka
    kafka.kill()
    before = len(system.acknowledged)
    sleep(BROKER_DOWN)
    system.notes["facts_taken_meanwhile"] = len(system.acknowledged) - before
    for broker in kafka.brokers:
        broker.start()
    for broker in kafka.brokers:
        back(broker)
    _note_when_it_flows_again(system)
    system.notes["bit"] = True


def _one_of_three_killed(system: Field, rng: Random) -> None:
    broker = rng.choice(system.ground.kafka.brokers)
    broker.kill()
    sleep(DOWN)
    back(broker)
    system.notes["bit"] = True


def _broker_frozen(system: Field, rng: Random) -> None:
    kafka = system.ground.kafka
    with frozen([broker.pid for broker in kafka.brokers]):
        sleep(8.0)
    _note_when_it_flows_again(system)
    system.notes["bit"] = True


def _note_when_it_flows_again(system: Field) -> None:
    system.notes["stream_flows_again_s"] = round(await_flow(system), 2)


def await_flow(system: Field) -> float:
    """Seconds until the broker has a record that was made after this moment."""
    begun, back = monotonic(), time()
    while monotonic() - begun < _FLOWS:
        records = records_of(system.bootstrap, [f"{system.prefix}{_REQUESTED}"])
        if any(each.at > back for each in records):
            break
        sleep(0.05)
    return monotonic() - begun


def _postgres_killed(system: Field, rng: Random) -> None:
    kill_postgres(system.ground.postgres)
    sleep(_DATABASE_DOWN)
    system.ground.postgres.start()
    system.notes["bit"] = True


def _postgres_restarted(system: Field, rng: Random) -> None:
    for _ in range(3):
        system.ground.postgres.stop()
        system.ground.postgres.start()
        sleep(rng.uniform(0.9, 1.8))
    system.notes["bit"] = True


def _postgres_frozen(system: Field, rng: Random) -> None:
    with frozen(server_processes(system.ground.postgres)):
        sleep(8.0)
    system.notes["bit"] = True


def _link_cut(system: Field, rng: Random) -> None:
    for _ in range(5):
        system.ground.broker_link.cut()
        sleep(rng.uniform(0.3, 0.8))


def _link_slow(system: Field, rng: Random) -> None:
    system.ground.broker_link.delay(0.2)
    sleep(DOWN + 1)
    system.ground.broker_link.heal()


def _link_shut(system: Field, rng: Random) -> None:
    system.ground.broker_link.shut()
    sleep(DOWN + 1)
    system.ground.broker_link.heal()


def _link_silent(direction: Direction) -> Strike:
    def strike(system: Field, rng: Random) -> None:
        system.ground.broker_link.swallow(direction)
        sleep(DOWN + 1)
        system.ground.broker_link.heal()

    return strike


def _append_then_drop(system: Field, rng: Random) -> None:
    system.ground.broker_link.lose(Direction.TO_CLIENT, every=3)
    sleep(6.0)
    system.ground.broker_link.heal()


def _database_silent(system: Field, rng: Random) -> None:
    system.ground.database_link.go_silent()
    sleep(8.0)
    system.ground.database_link.speak_again()
    system.notes["bit"] = True


def _database_cut(system: Field, rng: Random) -> None:
    for _ in range(5):
        system.ground.database_link.speak_again()
        sleep(rng.uniform(0.3, 0.8))
    system.notes["bit"] = True


def _proxied(strike: Strike, bite: Bite) -> tuple[Strike, Callable[[Field, Account], bool]]:
    """The strike, and whether the proxy did more of that than before."""

    def counted(system: Field, rng: Random) -> None:
        before = system.ground.broker_link.bites[bite]
        strike(system, rng)
        system.notes[bite.name.lower()] = system.ground.broker_link.bites[bite] - before

    return counted, lambda system, _: bool(system.notes.get(bite.name.lower()))


def role_cells() -> list[Cell]:
    cells = [
        Cell(f"{role} killed", f"down {DOWN:.0f} s", role_killed(role), _died(role))
        for role in ROLES
    ]
    cells += [
        Cell(
            f"{role} killed again and again", "U(0.9, 1.8) s", role_killed_often(role), _died(role)
        )
        for role in ("alert", "relay", "deliver")
    ]
    return cells + [
        Cell(
            f"{role} frozen",
            f"{DOWN + 1:.0f} s",
            role_frozen(role),
            _always,
        )
        for role in ("alert", "relay", "reconcile", "deliver")
    ]


def link_cells() -> list[Cell]:
    both = ("relay", "alert")
    faults: list[tuple[str, str, Strike, Bite, tuple[str, ...]]] = [
        ("broker link cut", "5 times", _link_cut, Bite.CUT, both),
        ("broker link slow", "200 ms each way", _link_slow, Bite.DELAYED, both),
        ("broker link shut", "4 s", _link_shut, Bite.REFUSED, both),
        ("desk's link shut", "4 s", _link_shut, Bite.REFUSED, ("alert",)),
        ("broker hears nothing", "4 s", _link_silent(Direction.TO_BROKER), Bite.SWALLOWED, both),
        ("broker says nothing", "4 s", _link_silent(Direction.TO_CLIENT), Bite.SWALLOWED, both),
        (
            "m4 answer lost after the append",
            "every third",
            _append_then_drop,
            Bite.LOST,
            ("relay",),
        ),
    ]
    cells = []
    for name, moment, strike, bite, roles in faults:
        struck, bit = _proxied(strike, bite)
        allowed = Allowed(copies=bite is not Bite.LOST)
        arrangement, alone = Arrangement(broker_proxied=roles), bite is Bite.LOST
        cells.append(Cell(name, moment, struck, bit, arrangement, allowed, alone=alone))
    everyone = Arrangement(database_proxied=(*ROLES, "import"))
    return [
        *cells,
        Cell(
            "database link silent", "8 s", _database_silent, _always, everyone, Allowed(late=True)
        ),
        Cell("database link cut", "5 times", _database_cut, _always, everyone, Allowed(late=True)),
    ]


def server_cells() -> list[Cell]:
    down = Allowed(late=True)
    return [
        Cell("broker killed", f"away {BROKER_DOWN:.0f} s", _broker_killed, _always),
        Cell("broker frozen", "8 s", _broker_frozen, _always),
        Cell(
            "database killed",
            f"away {_DATABASE_DOWN:.0f} s",
            _postgres_killed,
            _always,
            allowed=down,
        ),
        Cell("database restarted", "3 times", _postgres_restarted, _always, allowed=down),
        Cell("database frozen", "8 s", _postgres_frozen, _always, allowed=down),
    ]


def three_broker_cells() -> list[Cell]:
    return [
        Cell("one of three brokers killed", f"away {DOWN:.0f} s", _one_of_three_killed, _always),
        Cell("all three brokers killed", f"away {BROKER_DOWN:.0f} s", _broker_killed, _always),
        Cell("all three brokers frozen", "8 s", _broker_frozen, _always),
    ]
