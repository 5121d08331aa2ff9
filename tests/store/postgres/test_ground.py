"""roles.sql: run again it changes nothing; not run, the owner and the doctor are told, and by what it is mended."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from spowatch.settings.root import read_settings
from spowatch.store.postgres_ground import (
    SCHEMAS,
    connections,
    ground_missing,
    missing_on,
    server_time,
)
from spowatch.store.sqlite_connection import StoreUnavailable
from spowatch.wiring.log import confirm_the_ground
from tests.servers.postgres import Cluster
from tests.store.postgres.places import DEPLOY, Place, run_script, unmigrated

_GROUND = """
SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_roles
WHERE rolname LIKE 'spowatch%' ORDER BY 1
"""
_MEMBERS = (
    "SELECT roleid::regrole::text, member::regrole::text, admin_option FROM pg_auth_members "
    "WHERE member::regrole::text LIKE 'spowatch%' ORDER BY 1, 2"
)
_SCHEMAS = "SELECT nspname, nspowner::regrole::text, nspacl::text FROM pg_namespace ORDER BY 1"
_DEFAULTS = "SELECT defaclobjtype::text, defaclacl::text FROM pg_default_acl ORDER BY 1, 2"


@pytest.fixture
def place(postgres: Cluster) -> Place:
    return unmigrated(postgres)


def as_it_stands(place: Place) -> list[object]:
    with psycopg.connect(place.administrator) as administrator:
        return [
            administrator.execute(each).fetchall()
            for each in (_GROUND, _MEMBERS, _SCHEMAS, _DEFAULTS)
        ]


def test_running_it_again_changes_nothing(place: Place) -> None:
    before = as_it_stands(place)
    run_script(place.administrator, "roles.sql")
    assert as_it_stands(place) == before
    assert ground_missing(place.owner, environment={}) == []


def test_what_is_looked_for_is_what_it_makes() -> None:
    script = (DEPLOY / "roles.sql").read_text(encoding="utf-8")
    assert set(re.findall(r"CREATE SCHEMA IF NOT EXISTS (\w+)", script)) == set(SCHEMAS)
    assert re.findall(r"^GRANT (\w+) TO", script, re.MULTILINE) == ["spowatch_reader"]


@pytest.mark.parametrize(
    ("undone", "found"),
    [
        ("DROP SCHEMA seal", "there is no schema seal"),
        (
            "REVOKE USAGE ON SCHEMA projections FROM spowatch_reader",
            "spowatch_reader may not use the schema projections",
        ),
    ],
)
def test_an_older_one_stops_the_migration_with_what_to_run(
    place: Place, undone: str, found: str
) -> None:
    with psycopg.connect(place.administrator, autocommit=True) as administrator:
        administrator.execute(undone.encode())
    settings = read_settings({"SPO_LOG__KIND": "postgres", "SPO_LOG__DSN": place.owner})
    with pytest.raises(StoreUnavailable, match=rf"{found}; run deploy/postgres/roles\.sql of this"):
        confirm_the_ground(settings)
    run_script(place.administrator, "roles.sql")
    confirm_the_ground(settings)


def test_a_database_of_the_server_that_does_without_the_roles_is_let_be(place: Place) -> None:
    name = f"other_{uuid4().hex}"
    with psycopg.connect(place.administrator, autocommit=True) as administrator:
        administrator.execute(f'CREATE DATABASE "{name}"'.encode())
        administrator.execute(f'CREATE ROLE "{name}" LOGIN'.encode())
    for other in (place.cluster.dsn(name, name), place.cluster.dsn(database=name)):
        assert ground_missing(other, environment={}) == []
    assert ground_missing(place.cluster.dsn("spowatch_owner", name), environment={})


def test_a_writer_that_may_not_read_as_the_pages_do_is_found(place: Place) -> None:
    with psycopg.connect(place.administrator) as administrator:
        administrator.execute("REVOKE spowatch_reader FROM spowatch_writer")
        assert missing_on(administrator) == ["spowatch_writer is not a member of spowatch_reader"]
        administrator.rollback()  # the server is shared, and so are its roles
        assert missing_on(administrator) == []


def test_the_servers_time_is_told(place: Place) -> None:
    assert abs(server_time(place.owner, environment={}) - datetime.now(UTC)) < timedelta(seconds=60)


def test_how_full_the_server_is_is_told(place: Place) -> None:
    with psycopg.connect(place.administrator), psycopg.connect(place.administrator):
        used, most = connections(place.owner, environment={})
    with psycopg.connect(place.administrator) as other:
        reserved = other.execute("SHOW superuser_reserved_connections").fetchone() or ("",)
        told = other.execute("SHOW max_connections").fetchone() or ("",)
    assert 3 <= used <= most, "the other two are of another role"
    assert most == int(told[0]) - int(reserved[0])
