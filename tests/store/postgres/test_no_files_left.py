import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from resource import RLIMIT_NOFILE, getrlimit, setrlimit
from time import monotonic, sleep

import psycopg
import pytest

from spowatch.store.log_watch_postgres import PostgresWatch
from spowatch.store.postgres_connection import DEADLINE, PostgresServer, TimedConnection
from spowatch.store.sqlite_connection import StoreUnavailable
from tests.program import PATIENCE
from tests.store.postgres.places import Place

_HANG_UP_ON_EACH = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND usename = 'spowatch_writer'"
)


class Knocking(PostgresServer):
    """Counts how often somebody asks for a connection."""

    knocks = 0

    def connect(self, *, seconds: float = DEADLINE) -> TimedConnection:
        self.knocks += 1
        return super().connect(seconds=seconds)


@contextmanager
def no_more_files() -> Iterator[None]:
    """What is open stays open, and what is closed leaves room for as much."""
    before = getrlimit(RLIMIT_NOFILE)
    first_free = os.dup(0)
    os.close(first_free)
    setrlimit(RLIMIT_NOFILE, (first_free, before[1]))
    try:
        yield
    finally:
        setrlimit(RLIMIT_NOFILE, before)


def test_who_could_open_no_file_listens_again_once_it_can(place: Place) -> None:
    server = Knocking(place.writer, environment={})
    with (
        psycopg.connect(place.administrator, autocommit=True) as administrator,
        closing(PostgresWatch(server)) as watch,
    ):
        watch.start()
        assert watch.wait_past(0, PATIENCE)
        with no_more_files():
            administrator.execute(_HANG_UP_ON_EACH)
            deadline = monotonic() + PATIENCE / 10
            while server.knocks < 3:
                assert monotonic() < deadline, "it does not knock any more"
                sleep(0.02)
            turn = watch.turn
        assert watch.wait_past(turn, PATIENCE)


def test_without_a_file_to_wait_with_it_is_said_what_is_short(place: Place) -> None:
    server = PostgresServer(place.writer, environment={})
    for_the_link = os.dup(0)
    with no_more_files():
        os.close(for_the_link)
        with pytest.raises(StoreUnavailable, match=r"Too many open files; .*LimitNOFILE"):
            server.connect()
