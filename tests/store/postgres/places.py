"""Logs on PostgreSQL, made as deploy/ says."""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg

from spowatch.store.checkpoints_postgres import migrate_postgres_checkpoints
from spowatch.store.deadline_sheet_schema import migrate_postgres_sheets
from spowatch.store.log_postgres import PostgresLog
from spowatch.store.log_schema_postgres import migrate_postgres_log
from spowatch.store.relay_ledger_postgres import migrate_postgres_ledger
from tests.servers.postgres import Cluster

DEPLOY = Path(__file__).resolve().parents[3] / "deploy" / "postgres"


@dataclass(frozen=True, slots=True)
class Place:
    """A migrated database of its own, and the names under which to come to it."""

    cluster: Cluster
    database: str

    @property
    def owner(self) -> str:
        return self.cluster.dsn("spowatch_owner", self.database)

    @property
    def writer(self) -> str:
        return self.cluster.dsn("spowatch_writer", self.database)

    @property
    def reader(self) -> str:
        return self.cluster.dsn("spowatch_reader", self.database)

    @property
    def administrator(self) -> str:
        return self.cluster.dsn(database=self.database)

    def open(self) -> PostgresLog:
        return PostgresLog(self.writer, environment={})


def made(cluster: Cluster) -> Place:
    """A new one: roles, then migrate, then grants."""
    place = unmigrated(cluster)
    migrate_postgres_log(place.owner, environment={})
    migrate_postgres_sheets(place.owner, environment={})
    migrate_postgres_ledger(place.owner, environment={})
    migrate_postgres_checkpoints(place.owner, environment={})
    run_script(place.owner, "grants.sql")
    return place


def unmigrated(cluster: Cluster) -> Place:
    """A database with the roles and nothing else."""
    name = f"log_{uuid4().hex}"
    with psycopg.connect(cluster.dsn(), autocommit=True) as administrator:
        administrator.execute(f'CREATE DATABASE "{name}"')
        administrator.execute("SELECT pg_advisory_lock(1)")  # roles are the whole server's
        place = Place(cluster, name)
        run_script(place.administrator, "roles.sql")
    return place


IN_THIS_DATABASE = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
"""Of `pg_locks`, which shows those of the whole server: other tests use it at the same time."""


def run_script(dsn: str, name: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute((DEPLOY / name).read_bytes())
