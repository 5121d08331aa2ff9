"""Key stores on PostgreSQL, made as deploy/ says."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg

from spowatch.store.keys import KeyStore
from spowatch.store.keys_postgres import migrate_postgres_keys, postgres_keys
from tests.servers.postgres import Cluster
from tests.store.conftest import MASTER
from tests.store.postgres.places import run_script


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """A database of its own for keys, and the names under which to come to it."""

    directory: str
    database: str

    def dsn(self, user: str) -> str:
        return f"host={self.directory} user={user} dbname={self.database}"

    @property
    def owner(self) -> str:
        return self.dsn("spowatch_keys_owner")

    @property
    def role(self) -> str:
        return self.dsn("spowatch_keys")

    @property
    def administrator(self) -> str:
        return self.dsn("administrator")

    def open(self) -> KeyStore:
        return self.open_under(MASTER)

    def open_under(self, master_key: bytes) -> KeyStore:
        return postgres_keys(self.role, master_key, environment={})

    def migrate_under(self, master_key: bytes) -> None:
        migrate_postgres_keys(self.owner, master_key, environment={})

    def wrapped(self, key_id: UUID) -> bytes | None:
        with psycopg.connect(self.administrator) as connection:
            sql = "SELECT wrapped FROM keys.data_keys WHERE key_id = %s"
            found = connection.execute(sql, [key_id]).fetchone()
        return None if found is None else found[0]

    def put_in_place_of(self, key_id: UUID, wrapped: bytes) -> None:
        with psycopg.connect(self.administrator) as connection:
            sql = "UPDATE keys.data_keys SET wrapped = %s WHERE key_id = %s"
            connection.execute(sql, [wrapped, key_id])


def unmigrated_keys(cluster: Cluster) -> KeyPlace:
    """A database with the roles and nothing else."""
    name = f"keys_{uuid4().hex}"
    with psycopg.connect(cluster.dsn(), autocommit=True) as administrator:
        administrator.execute(f'CREATE DATABASE "{name}"')
        administrator.execute("SELECT pg_advisory_lock(1)")  # roles are the whole server's
        place = KeyPlace(str(cluster.directory), name)
        run_script(place.administrator, "keys_roles.sql")
    return place


def made_keys(cluster: Cluster) -> KeyPlace:
    """A new store: roles, then migrate, then grants."""
    place = unmigrated_keys(cluster)
    place.migrate_under(MASTER)
    run_script(place.owner, "keys_grants.sql")
    return place
