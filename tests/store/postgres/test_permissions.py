"""Who may do what with the log, when deploy/postgres was followed."""

from contextlib import closing
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from spowatch.store.log_postgres import PostgresLog
from spowatch.store.sqlite_connection import StoreUnavailable
from tests.store.other_processes import stored
from tests.store.postgres.places import Place, run_script

CHANGES_HISTORY = (
    "UPDATE spowatch.events SET state = ''",
    "DELETE FROM spowatch.events",
    "TRUNCATE spowatch.events",
    "TRUNCATE spowatch.tracking",
    "DROP TABLE spowatch.events",
    "ALTER TABLE spowatch.events DISABLE TRIGGER ALL",
    "CREATE TABLE spowatch.mine ()",
    "CREATE TABLE public.mine ()",
    "UPDATE spowatch.schema_version SET version = 0",
    "SELECT nextval(pg_get_serial_sequence('spowatch.events', 'position'))",
)
CHOOSES_ITS_POSITION = (
    "INSERT INTO spowatch.events OVERRIDING SYSTEM VALUE VALUES (1000, 'x', 1, 't', '')",
    "COPY spowatch.events FROM STDIN",
)
WRITES = (
    "INSERT INTO spowatch.events (originator_id) VALUES ('x')",
    "INSERT INTO spowatch.tracking VALUES ('x', 1)",
    "DELETE FROM spowatch.tracking",
    "SELECT spowatch.append('{}', '{}', '{}', '{}', '{0}', '{x}', '{1}')",
)


@pytest.mark.parametrize("sql", [*CHANGES_HISTORY, *CHOOSES_ITS_POSITION])
def test_a_writer_cannot_change_what_was_recorded(place: Place, sql: str) -> None:
    with psycopg.connect(place.writer) as writer, pytest.raises(InsufficientPrivilege):
        writer.execute(sql.encode())


@pytest.mark.parametrize("sql", [*CHANGES_HISTORY, *CHOOSES_ITS_POSITION, *WRITES])
def test_a_reader_cannot_write(place: Place, sql: str) -> None:
    with psycopg.connect(place.reader) as reader, pytest.raises(InsufficientPrivilege):
        reader.execute(sql.encode())


def test_a_reader_reads_and_is_told_why_it_cannot_write(log: PostgresLog, place: Place) -> None:
    log.insert_events([stored(uuid4())])
    with closing(PostgresLog(place.reader, environment={})) as reading:
        assert len(reading.select_notifications(None, 10)) == 1
        with pytest.raises(StoreUnavailable, match=r"grants\.sql"):
            reading.insert_events([stored(uuid4())])


def test_the_scripts_may_run_again(log: PostgresLog, place: Place) -> None:
    run_script(place.administrator, "roles.sql")
    run_script(place.owner, "grants.sql")
    assert log.insert_events([stored(uuid4())])
