"""The key store on PostgreSQL: the contract's promises, who may do what, and a server that is away."""

from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from spowatch.store.keys import KeyStore
from spowatch.store.keys_postgres import kept_keys
from spowatch.store.sqlite_connection import StoreUnavailable
from tests.servers.postgres import Cluster
from tests.store.key_contract import KeyContract
from tests.store.postgres.key_places import KeyPlace, made_keys, unmigrated_keys
from tests.store.postgres.places import Place
from tests.store.sample_events import NOON


@pytest.fixture(scope="module")
def kept(postgres: Cluster) -> KeyPlace:
    return made_keys(postgres)


@pytest.fixture
def store(kept: KeyPlace) -> Iterator[KeyStore]:
    with closing(kept.open()) as opened:
        yield opened


class TestPromises(KeyContract):
    pass


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM keys.data_keys",
        "TRUNCATE keys.data_keys",
        "UPDATE keys.data_keys SET key_id = gen_random_uuid()",
        "UPDATE keys.master SET probe = ''",
        "INSERT INTO keys.master VALUES (true, '')",
        "CREATE TABLE keys.mine ()",
        "UPDATE keys.schema_version SET version = 0",
    ],
)
def test_a_role_cannot_make_a_destroyed_key_forgotten(kept: KeyPlace, sql: str) -> None:
    with psycopg.connect(kept.role) as role, pytest.raises(InsufficientPrivilege):
        role.execute(sql.encode())


def test_nobody_who_comes_to_the_log_comes_to_its_keys(kept: KeyPlace, shared_place: Place) -> None:
    for user in ("spowatch_owner", "spowatch_writer", "spowatch_reader"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(kept.dsn(user))
    for user in ("spowatch_keys_owner", "spowatch_keys"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(shared_place.cluster.dsn(user, shared_place.database))


def test_a_store_that_was_never_migrated_says_what_to_do(postgres: Cluster) -> None:
    place = unmigrated_keys(postgres)
    assert kept_keys(place.owner, environment={}) == []
    with pytest.raises(StoreUnavailable, match="spowatch migrate"):
        place.open()


def test_a_store_with_a_master_key_is_known_for_one(kept: KeyPlace) -> None:
    [place] = kept_keys(kept.owner, environment={})
    assert kept.database in str(place)


def test_no_key_is_handed_out_while_nobody_can_say_whether_it_was_destroyed(
    own_postgres: Cluster,
) -> None:
    place, person = made_keys(own_postgres), uuid4()
    with closing(place.open()) as store:
        known = store.key_or_new(person)
        own_postgres.stop()
        store._fresh_until = 0.0  # as after `FRESH_FOR`
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                store.key(person)
        own_postgres.start()
        assert store.key(person) is known
        with closing(place.open()) as other:
            other.destroy(person, at=NOON)
        store._fresh_until = 0.0
        assert store.key(person) is not known
