"""R12: fifty clients at one order, from several processes, with repeats and with what is not lawful."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from domain.facts.breaches import BreachReported
from domain.vocabulary import Statement
from spowatch.open_store import Store
from spowatch.settings.root import Settings
from spowatch.wiring.store import opened
from tests.bench import postgres_logs, registers
from tests.bench.log_bench import Figure, seconds
from tests.bench.registers import NOW, breach, life, state, statement
from tests.forking import SPAWN

COMMANDS = 10_000
QUICK = 300
PROCESSES, CLIENTS_EACH = 5, 10
_REFERENCE = "KENT/FIFTY"
_REPEATED, _UNLAWFUL = 10, 20
"""Every tenth command is sent again by another client; every twentieth is a second application."""


@dataclass(frozen=True, slots=True)
class Outcome:
    commands: int
    conflicts: int
    """Times a client was told that others were first and asked again."""
    gaps: int
    doubles: int
    lost: int
    unlawful: int
    rate: float


def figures(commands: int = COMMANDS) -> Iterator[Figure]:
    with on_postgres() as store:
        yield from _told("PostgreSQL", contended(store, commands))
    with registers.new_store() as store:
        yield from _told("SQLite", contended(store, commands))


def _told(where: str, got: Outcome) -> Iterator[Figure]:
    wrong = got.gaps + got.doubles + got.lost + got.unlawful
    name = f"50 clients, one order, {got.commands:,} commands, {where}"
    found = [got.gaps, got.doubles, got.lost, got.unlawful, got.conflicts, got.rate]
    yield Figure(name, "gaps, doubles, lost, unlawful", wrong, 0, 0, "R12 0", found)


@contextmanager
def on_postgres() -> Iterator[Store]:
    with postgres_logs.new_store() as (store, _):
        yield store


def contended(store: Store, commands: int) -> Outcome:
    [opening] = {each.order_id for each in state(store.register, _REFERENCE, life(NOW))}
    conflicts = Counter[str]()
    took = seconds(partial(_all_clients, store.settings, commands, conflicts))
    return _judged(store, opening, commands, conflicts["met"], commands / took)


def _all_clients(settings: Settings, commands: int, conflicts: Counter[str]) -> None:
    pipes = [SPAWN.Pipe() for _ in range(PROCESSES)]
    for number, (_, theirs) in enumerate(pipes):
        SPAWN.Process(target=_clients, args=(settings, number, commands, theirs)).start()
    for ours, _ in pipes:
        conflicts["met"] += ours.recv()


def _clients(settings: Settings, number: int, commands: int, wire: Connection) -> None:
    with opened(settings) as store, ThreadPoolExecutor(CLIENTS_EACH) as pool:
        mine = range(number, commands, PROCESSES)
        again = [each for each in range(number + 1, commands, PROCESSES) if each % _REPEATED == 0]
        wire.send(sum(pool.map(partial(_ask, store), [*mine, *again])))


def _ask(store: Store, number: int) -> int:
    """Until it is answered; how often others were first."""
    for met in count():
        try:
            state(store.register, _REFERENCE, [_command(number)])
        except IntegrityError:
            continue
        return met
    raise AssertionError


def _command(number: int) -> Statement:
    if number % _UNLAWFUL == 0:
        named = {"applicant": "chief_officer", "force": "Kent", "nexus": "resides"}
        return statement("ApplicationMade", NOW, command_id=f"again-{number}", **named)
    return breach(NOW - timedelta(minutes=1), f"incident-{number}", f"breach-{number}")


def _judged(store: Store, order: UUID, commands: int, conflicts: int, rate: float) -> Outcome:
    stored = store.log.select_events(order)
    told = [store.mapper.to_domain_event(each) for each in stored]
    effects = Counter(
        each.envelope.command_id
        for each in told
        if isinstance(each.event, BreachReported) and each.envelope.command_id
    )
    versions = [each.originator_version for each in stored]
    applied = sum(each.topic.startswith("spo.application-made") for each in stored)
    return Outcome(
        commands=commands,
        conflicts=conflicts,
        gaps=versions != list(range(versions[0], versions[0] + len(versions))),
        doubles=sum(times > 1 for times in effects.values()),
        lost=sum(number % _UNLAWFUL > 0 for number in range(commands)) - len(effects),
        unlawful=applied - 1,
        rate=rate,
    )
