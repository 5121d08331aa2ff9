"""The cells in which a server forgets: records, topics, days of the database, or the space on its disk."""

import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import monotonic, sleep, time

import psycopg
from kafka import TopicPartition

from tests.faults.split.account import TOPICS, Account, Allowed
from tests.faults.split.cell import Cell, without
from tests.faults.split.field import Field
from tests.faults.split.ground import back
from tests.faults.split.traces import Record, records_of
from tests.program import Program
from tests.servers.kafka_clients import admin

_BATCH = struct.Struct(">qi")
"""Where a batch begins, and how long what follows is."""
_KEPT_SHARE = 0.5
_DETECTED = 60.0
_FILLED = 1 << 16
_STARTS_AGAIN = 10.0


def _topics(system: Field) -> list[str]:
    return [f"{system.prefix}{each}" for each in TOPICS]


def _note_removed(system: Field, before: Sequence[Record]) -> None:
    """How many of these do not lie where they lay."""
    left = {_place(each) for each in records_of(system.bootstrap, _topics(system))}
    system.notes["removed"] = sum(_place(each) not in left for each in before)


def _place(record: Record) -> tuple[str, int, int, str]:
    return record.topic, record.partition, record.offset, record.event_id


def _await_republished(system: Field) -> None:
    """How long until something was sent again, from now."""
    begun = monotonic()
    while monotonic() - begun < _DETECTED:
        if any(each.republished for each in records_of(system.bootstrap, _topics(system))):
            system.notes["sent_again_after_s"] = round(monotonic() - begun, 1)
            return
        sleep(0.2)


def _tail_cut_off(system: Field, rng: Random) -> None:
    """The node dies and has lost the second half of what it had acknowledged in every partition."""
    broker = system.ground.kafka.brokers[0]
    before = records_of(system.bootstrap, _topics(system))
    broker.kill()
    for topic in _topics(system):
        for partition in (broker.directory / "data").glob(f"{topic}-*"):
            _cut(partition)
    (broker.directory / "data" / "recovery-point-offset-checkpoint").unlink(missing_ok=True)
    back(broker)
    _note_removed(system, before)
    _await_republished(system)


def _cut(partition: Path) -> None:
    for derived in [*partition.glob("*index"), *partition.glob("*.snapshot")]:
        derived.unlink()
    log = min(partition.glob("*.log"))
    begins, place, data = [0], 0, log.read_bytes()
    while place + _BATCH.size <= len(data):
        place += _BATCH.size + _BATCH.unpack_from(data, place)[1]
        begins.append(place)
    os.truncate(log, begins[int((len(begins) - 1) * _KEPT_SHARE)])


def _topics_made_again(system: Field, rng: Random) -> None:
    before = records_of(system.bootstrap, _topics(system))
    with admin(system.bootstrap) as client:
        client.delete_topics(_topics(system))
    sleep(1.0)
    system.apply_topics()
    _note_removed(system, before)
    _await_republished(system)


def _head_deleted(system: Field, rng: Random) -> None:
    """An administrator deletes all there is. The relay takes it for the topic's own forgetting."""
    before = records_of(system.bootstrap, _topics(system))
    ends: dict[TopicPartition, int] = {}
    for each in before:
        place = TopicPartition(each.topic, each.partition)
        ends[place] = max(each.offset + 1, ends.get(place, 0))
    with admin(system.bootstrap) as client:
        client.delete_records(ends)
    _note_removed(system, before)


def _deleted(system: Field, account: Account) -> bool:
    return int(str(system.notes.get("removed", 0))) > 0


def _sent_again(system: Field, account: Account) -> bool:
    return account.republished > 0 or int(str(system.notes.get("removed", 0))) > 0


_AWAY = 'ALTER DATABASE "{}" ALLOW_CONNECTIONS {}'
_END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


def _close_to_all(administrator: psycopg.Connection, database: str) -> None:
    administrator.execute(_AWAY.format(database, "false").encode())
    administrator.execute(_END_ALL, [database])


def _database_put_back(system: Field, rng: Random) -> None:
    """A copy is taken; more facts are acknowledged; everyone stops; the copy takes its place."""
    name = system.place.database
    with psycopg.connect(system.ground.postgres.dsn(), autocommit=True) as administrator:
        _close_to_all(administrator, name)
        administrator.execute(f'CREATE DATABASE "{name}_copy" TEMPLATE "{name}"'.encode())
        taken = time()
        administrator.execute(_AWAY.format(name, "true").encode())
        system.await_acknowledged(15)
        sleep(1.0)
        system.stop_feeding()
        for role in system.roles.values():
            role.go_down()
        _close_to_all(administrator, name)
        administrator.execute(f'ALTER DATABASE "{name}" RENAME TO "{name}_lost"'.encode())
        administrator.execute(f'ALTER DATABASE "{name}_copy" RENAME TO "{name}"'.encode())
        administrator.execute(f'ALTER DATABASE "{name}" OWNER TO spowatch_owner'.encode())
        administrator.execute(f'DROP DATABASE "{name}_lost"'.encode())
    system.forget(taken)
    for role in system.roles.values():
        role.come_up()
    system.open_feeders(rng)
    system.wait_until_ready()
    system.feed()


def _forgot(system: Field, account: Account) -> bool:
    system.notes["acknowledged_and_forgotten"] = system.forgotten
    system.notes["records_of_a_lost_future"] = len(account.of_nobody)
    return system.forgotten > 0 and bool(account.of_nobody)


def _disk_full(system: Field, rng: Random) -> None:
    """No byte is left on the database's disk; facts are refused, and taken once there is room."""
    disk = system.ground.small_disk
    with _filled(disk):
        before = len(system.acknowledged)
        sleep(6.0)
        meanwhile = len(system.acknowledged) - before
        again = sum(each.again for each in system.feeders)
    begun = monotonic()
    system.await_acknowledged(1)
    system.notes["taken_while_full"] = meanwhile
    system.notes["refused_while_full"] = again
    system.notes["takes_facts_again_s"] = round(monotonic() - begun, 2)
    system.notes["bit"] = again > 0


def _broker_disk_full(system: Field, rng: Random) -> None:
    """The node ends itself when it cannot write; it comes back when there is room."""
    broker = system.ground.kafka.brokers[0]
    with _filled(system.ground.small_disk):
        deadline = monotonic() + 30
        while broker.alive and monotonic() < deadline:
            sleep(0.1)
        system.notes["bit"] = not broker.alive
        sleep(3.0)
    broker.kill()
    back(broker)


@contextmanager
def _filled(disk: Path | None) -> Iterator[None]:
    if disk is None:
        raise NoSmallDisk
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        size = _FILLED
        while size:
            try:
                if file.write(b"\0" * size) < size:
                    size //= 2
            except OSError:
                size //= 2
    try:
        yield
    finally:
        filler.unlink()


class NoSmallDisk(AssertionError):
    """Only for a cell on a ground with a small disk."""


def _stranger(system: Field, rng: Random) -> None:
    """A role with a name that the server does not know says so and ends; it does not knock on."""
    site = system.site()
    dsn = system.place.cluster.dsn("stranger", system.place.database)
    begun = monotonic()
    arguments = ("run", "alert", "--data-dir", str(site.store))
    settings = {**site.settings, "SPO_LOG__DSN": dsn}
    with (
        (system.folder / "stranger.err").open("wb") as errors,
        Program(
            *arguments, program=site.program, cwd=site.cwd, settings=settings, errors=errors
        ) as program,
    ):
        status = program.process.wait(_STARTS_AGAIN)
    said = (system.folder / "stranger.err").read_text(encoding="utf-8")
    knocked = system.ground.postgres.log().count('role "stranger" does not exist')
    system.notes |= {
        "status": status,
        "ended_after_s": round(monotonic() - begun, 2),
        "knocked": knocked,
        "said": said.strip()[-200:].replace(str(system.ground.postgres.directory), "..."),
    }
    system.notes["bit"] = status == 1 and knocked <= 2 and "stranger" in said


def _noted(system: Field, account: Account) -> bool:
    return bool(system.notes.get("bit"))


def loss_cells() -> list[Cell]:
    # What a provider was told is taken can be lost with its topic, so there is none.
    plain = without("intake")
    future = Allowed(forgotten=True, late=True)
    cut, again = "half of each partition", "an empty cluster"
    return [
        Cell("records lost by the broker", cut, _tail_cut_off, _sent_again, plain),
        Cell("topics gone, made again", again, _topics_made_again, _sent_again, plain),
        Cell("wrong name for the database", "one role", _stranger, _noted, plain),
        Cell(
            "records deleted by hand",
            "all there are",
            _head_deleted,
            _deleted,
            plain,
            Allowed(deleted=True),
            alone=True,
        ),
        Cell(
            "database put back",
            "to a copy, behind the broker",
            _database_put_back,
            _forgot,
            plain,
            future,
            alone=True,
        ),
    ]


def small_disk_cells() -> dict[str, Cell]:
    """By which server stands on the small disk."""
    late = Allowed(late=True)
    return {
        "postgres": Cell("database's disk full", "6 s", _disk_full, _noted, allowed=late),
        "kafka": Cell("broker's disk full", "until it ends", _broker_disk_full, _noted),
    }
