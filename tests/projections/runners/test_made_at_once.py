"""Two roles that both find no sheet in the database, and both make room for them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from time import monotonic, sleep

import psycopg

from projections.postgres_forms import Catalogue
from spowatch.store.postgres_connection import DEADLINE, PostgresServer
from tests.program import PATIENCE
from tests.projections.runners.places import emptied
from tests.projections.runners.tally import table
from tests.servers.postgres import Cluster
from tests.store.postgres.places import made

_WAITS = (
    "SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database "
    "WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
)


def test_who_comes_second_finds_what_the_first_made(postgres: Cluster) -> None:
    place = made(postgres)
    emptied(place.administrator)
    server = PostgresServer(place.writer, environment={})
    with (
        closing(server.connect()) as first,
        closing(server.connect()) as second,
        psycopg.connect(place.administrator, autocommit=True) as administrator,
        ThreadPoolExecutor() as pool,
    ):

        def come_second() -> None:
            second.allow(DEADLINE)
            with second.transaction():
                Catalogue(table()).make(second.cursor())

        first.allow(DEADLINE)
        with first.transaction():
            Catalogue(table()).make(first.cursor())
            making = pool.submit(come_second)
            deadline = monotonic() + PATIENCE
            while administrator.execute(_WAITS).fetchone() is None:
                assert monotonic() < deadline
                sleep(0.005)
        making.result()
