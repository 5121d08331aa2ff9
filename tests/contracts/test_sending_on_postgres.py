"""The same hold where the log is a database that was put back to a copy of itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pydantic import SecretStr

from domain.desk.sending import SENDING, SendingRecord
from spowatch.releasing import release
from spowatch.settings.root import PostgresLogSettings
from spowatch.wiring.store import migrate, opened, throw_away
from tests.consumers.outside import Outside
from tests.servers.postgres import Cluster
from tests.servers.receiver import Receiver, receiving
from tests.store.postgres.places import Place, made
from tests.stories import breach, tell, work_until_idle


@contextmanager
def outside(directory: Path, place: Place, endpoint: Receiver) -> Iterator[Outside]:
    log = PostgresLogSettings(kind="postgres", dsn=SecretStr(place.writer))
    settings = throw_away(directory)
    migrate(settings)  # the keys stay in a file
    with opened(settings.model_copy(update={"log": log})) as store:
        yield Outside(store, endpoint)


def copied(place: Place, name: str) -> Place:
    """As a base backup or a restore to a point in time would have it."""
    with psycopg.connect(place.cluster.dsn(), autocommit=True) as administrator:
        administrator.execute(f'CREATE DATABASE "{name}" TEMPLATE "{place.database}"'.encode())
    return Place(place.cluster, name)


def later(each: Outside) -> int:
    tell(each.store, "KENT-1", breach(incident="I-9", markers=["weapon"]))
    work_until_idle(each.store, "alert")
    return each.lane(urgent=True).work(0)


def test_a_database_that_was_put_back_waits_for_a_person(postgres: Cluster, tmp_path: Path) -> None:
    place = made(postgres)
    with receiving() as endpoint:
        with outside(tmp_path, place, endpoint) as first:
            first.breaches(1)
            assert first.lane().work(0) == 1
        put_back = copied(place, f"{place.database}_put_back")
        with outside(tmp_path, place, endpoint) as today:
            assert later(today) == 1
        with outside(tmp_path, put_back, endpoint) as restored:
            assert later(restored) == 0
            record = restored.store.register.read(SendingRecord(SENDING))
            assert set(record.held.values()) == {"log_went_back"}
            release(restored.store, "PC1", "asked the receiver", restored.clock())
            assert restored.lane(urgent=True).work(0) == 1
            assert len(restored.ids) == 3
            assert len(set(restored.ids)) == 2
