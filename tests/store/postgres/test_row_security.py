"""The second wall: with the check of the pages taken away, the database gives out no row of another force."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier

from projections.postgres import CHANNEL, PostgresSheetStore
from projections.seen_by import EVERY_FORCE, SEEN_BY
from projections.sheet import Column, Kind, Table
from spowatch.store.log_watch_postgres import PostgresWatch
from spowatch.store.postgres_connection import PostgresServer
from tests.store.postgres.places import Place, run_script

COLUMNS = (
    Column("order_id", Kind.ID),
    Column("opened", Kind.NUMBER, once=True),
    Column("force", Kind.TEXT),
    Column("offered_to", Kind.TEXT),
)
WALLED = Table("walled", 1, COLUMNS, "opened", "r", walled_by=("force", "offered_to"))
ROWS = [
    (uuid4(), 1, "Kent", None),
    (uuid4(), 2, "Sussex", None),
    (uuid4(), 3, "Sussex", "Kent"),
    (uuid4(), 4, "Kent'; SELECT 1; --", None),
]


@pytest.fixture
def sheet(shared_place: Place) -> Iterator[PostgresSheetStore]:
    with psycopg.connect(shared_place.administrator, autocommit=True) as administrator:
        administrator.execute("DROP SCHEMA projections CASCADE")
    run_script(shared_place.administrator, "roles.sql")
    server = PostgresServer(shared_place.writer, environment={})
    with (
        closing(PostgresWatch(server, CHANNEL)) as watch,
        closing(PostgresSheetStore(server.connect, WALLED, watch)) as store,
    ):
        filled = store.put(store.begin(), 4, ROWS, [])
        store.switch(filled, None)
        yield store


@contextmanager
def seen_by(force: str | None) -> Iterator[None]:
    token = SEEN_BY.set(force)
    try:
        yield
    finally:
        SEEN_BY.reset(token)


@pytest.mark.parametrize(
    ("force", "opened"),
    [
        ("Kent", [1, 3]),
        ("Sussex", [2, 3]),
        ("Essex", []),
        ("", []),
        (EVERY_FORCE, [1, 2, 3, 4]),
        (None, [1, 2, 3, 4]),
        ("Kent'; SELECT 1; --", [4]),
    ],
)
def test_whatever_a_page_asks_it_is_given_rows_of_its_readers_force_alone(
    sheet: PostgresSheetStore, force: str | None, opened: list[int]
) -> None:
    with seen_by(force):
        assert [row[1] for row in sheet.page(0, limit=10, only={})] == opened
        assert sheet.page(0, limit=10, only={"force": "Sussex"}) == [
            row for row in ROWS if row[1] in opened and row[2] == "Sussex"
        ]
        assert sum(sheet.tally("force", only={}).values()) == len(opened)
        assert len(list(sheet.rows())) == len(opened)


def test_one_reading_leaves_nothing_behind_for_the_next(sheet: PostgresSheetStore) -> None:
    with seen_by("Kent"):
        assert len(sheet.page(0, limit=10, only={})) == 2
    assert len(sheet.page(0, limit=10, only={})) == 4
    with seen_by("Sussex"):
        assert [row[1] for row in sheet.page(0, limit=10, only={})] == [2, 3]


def test_who_reads_the_database_directly_says_for_whom_or_reads_nothing(
    sheet: PostgresSheetStore, shared_place: Place
) -> None:
    form = sheet.bookmark()
    assert form is not None
    with psycopg.connect(shared_place.reader, autocommit=True) as reader:
        for table in ("walled", form.form):
            asked = SQL("SELECT count(*) FROM {}").format(Identifier("projections", table))
            reader.execute("RESET spowatch.force")
            assert reader.execute(asked).fetchone() == (0,)
            reader.execute("SET spowatch.force = 'Kent'")
            assert reader.execute(asked).fetchone() == (2,)
        for change in ("DISABLE ROW LEVEL SECURITY", "OWNER TO spowatch_reader"):
            alter = SQL("ALTER TABLE {} ").format(Identifier("projections", form.form))
            with pytest.raises(InsufficientPrivilege):
                reader.execute(alter + SQL(change))
        with pytest.raises(InsufficientPrivilege):
            reader.execute("SET ROLE spowatch_writer")
