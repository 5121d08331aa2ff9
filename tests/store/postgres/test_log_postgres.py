import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from time import monotonic
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, ProgrammingError, StoredEvent, Tracking
from psycopg.sql import SQL, Identifier

from spowatch.store.log_postgres import PostgresLog
from spowatch.store.log_schema_postgres import SCHEMA, migrate_postgres_log
from spowatch.store.postgres_connection import DEADLINE
from spowatch.store.postgres_faults import OutcomeUnknown
from spowatch.store.sqlite_connection import StoreTooNew, StoreUnavailable
from tests.program import PATIENCE
from tests.servers.postgres import Cluster
from tests.servers.silent_proxy import SilentProxy
from tests.store.other_processes import stored
from tests.store.postgres.other_processes import kill, started, stop_in_mid_transaction
from tests.store.postgres.places import IN_THIS_DATABASE, Place

TURN = "SELECT pg_advisory_xact_lock(x'73706f6c6f67'::bigint)"
LATEST = len(SCHEMA)
END_SESSIONS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND usename = 'spowatch_writer'"
)


@pytest.fixture
def administrator(place: Place) -> Iterator[psycopg.Connection]:
    with psycopg.connect(place.administrator, autocommit=True) as connection:
        yield connection


@contextmanager
def turn_taken(place: Place) -> Iterator[None]:
    """Somebody else is in the middle of a save."""
    with psycopg.connect(place.administrator) as other:
        other.execute(TURN)
        yield
        other.rollback()


def until(true: Callable[[], bool]) -> None:
    deadline = monotonic() + PATIENCE
    while not true():
        assert monotonic() < deadline
        threading.Event().wait(0.005)


def waiting_for_turn(administrator: psycopg.Connection) -> bool:
    sql = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND "
    return administrator.execute((sql + IN_THIS_DATABASE).encode()).fetchone() == (1,)


def test_opening_never_creates_a_log(postgres: Cluster) -> None:
    with pytest.raises(
        StoreUnavailable, match=rf"schema version 0 is not {LATEST}; run `spowatch migrate`"
    ):
        PostgresLog(postgres.dsn(), environment={})


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(StoreUnavailable, match=r"log1 at /nowhere.*see that the server runs"):
        PostgresLog("host=/nowhere dbname=log1", environment={})


def test_a_server_without_a_free_connection_is_named_as_that(
    place: Place, administrator: psycopg.Connection
) -> None:
    database = Identifier(place.database)
    administrator.execute(SQL("ALTER DATABASE {} CONNECTION LIMIT 0").format(database))
    try:
        with pytest.raises(StoreUnavailable, match=r"too many connections .*raise max_conn"):
            place.open()
    finally:
        administrator.execute(SQL("ALTER DATABASE {} CONNECTION LIMIT -1").format(database))


def test_a_role_or_database_that_is_not_there_is_named(place: Place) -> None:
    with pytest.raises(StoreUnavailable, match=r"stranger.* knows this role and database"):
        PostgresLog(place.cluster.dsn("stranger", place.database), environment={})
    with pytest.raises(StoreUnavailable, match=r"elsewhere.* knows this role and database"):
        PostgresLog(place.cluster.dsn("spowatch_writer", "elsewhere"), environment={})


def test_a_log_upgraded_by_a_newer_release_is_left_alone(
    place: Place, administrator: psycopg.Connection
) -> None:
    set_version = "UPDATE spowatch.schema_version SET version = %s"
    administrator.execute(set_version, [LATEST + 1])
    try:
        with pytest.raises(
            StoreTooNew, match=rf"version {LATEST + 1} and this release knows {LATEST}"
        ):
            place.open()
        with pytest.raises(StoreTooNew):
            migrate_postgres_log(place.owner, environment={})
    finally:
        administrator.execute(set_version, [LATEST])


def test_migrating_again_changes_nothing(log: PostgresLog, place: Place) -> None:
    log.insert_events([stored(uuid4())])
    migrate_postgres_log(place.owner, environment={})
    assert log.max_notification_id() == 1


def test_migrating_for_the_first_time_four_times_at_once_makes_one_log(postgres: Cluster) -> None:
    name = f"first_{uuid4().hex}"
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    dsn = postgres.dsn(database=name)
    with ThreadPoolExecutor() as pool:
        migrating = [pool.submit(migrate_postgres_log, dsn, environment={}) for _ in range(4)]
    assert [each.exception() for each in migrating] == [None] * 4
    with closing(PostgresLog(dsn, environment={})) as log:
        assert list(log.insert_events([stored(uuid4())])) == [1]


def test_the_librarys_fast_path_is_refused_because_it_loses_events(place: Place) -> None:
    with pytest.raises(StoreUnavailable, match="miss events; remove it from the environment"):
        PostgresLog(place.writer, environment={"POSTGRES_ENABLE_DB_FUNCTIONS": "y"})


def test_a_role_whose_commits_do_not_wait_for_the_disk_is_refused(
    place: Place, administrator: psycopg.Connection
) -> None:
    whose = f'ALTER ROLE spowatch_writer IN DATABASE "{place.database}"'
    administrator.execute(f"{whose} SET synchronous_commit = off")
    try:
        with pytest.raises(
            StoreUnavailable, match=r"synchronous_commit is off.*set synchronous_commit = on"
        ):
            place.open()
    finally:
        administrator.execute(f"{whose} RESET synchronous_commit")


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_may_lose_what_it_accepted_is_refused(
    own_postgres: Cluster, setting: str
) -> None:
    own_postgres.stop()
    own_postgres.start(**{setting: "off"})
    with pytest.raises(StoreUnavailable, match=f"{setting} is off.*set {setting} = on"):
        migrate_postgres_log(own_postgres.dsn(), environment={})


def test_a_save_of_another_that_takes_too_long_is_named(place: Place) -> None:
    impatient = f"{place.writer} options='-c lock_timeout=50'"
    with closing(PostgresLog(impatient, environment={})) as log:
        with (
            turn_taken(place),
            pytest.raises(StoreUnavailable, match="find who holds the log's advisory lock"),
        ):
            log.insert_events([stored(uuid4())])
        assert list(log.insert_events([stored(uuid4())])) == [1]


def test_even_what_is_inserted_by_hand_waits_for_its_turn(place: Place) -> None:
    with (
        psycopg.connect(place.writer, options="-c lock_timeout=50") as hand,
        turn_taken(place),
        pytest.raises(psycopg.errors.LockNotAvailable),
    ):
        hand.execute(
            "INSERT INTO spowatch.events (originator_id, originator_version, topic, state) "
            "VALUES ('by hand', 1, 'test.v1', '')"
        )


def met(
    log: PostgresLog, place: Place, calls: Sequence[Callable[[], object]]
) -> list[BaseException | None]:
    """What each raised, when all came while one save of ours was waiting for its turn."""
    with (
        psycopg.connect(place.administrator, autocommit=True) as administrator,
        ThreadPoolExecutor(8) as pool,
    ):
        with turn_taken(place):
            ahead = pool.submit(log.insert_events, [stored(uuid4())])
            until(lambda: waiting_for_turn(administrator))
            saving = [pool.submit(call) for call in calls]
            until(lambda: len(log._group._queue) == len(calls))
        assert ahead.exception() is None
        return [each.exception() for each in saving]


def test_threads_that_meet_commit_together_and_a_loser_loses_alone(
    log: PostgresLog, place: Place, administrator: psycopg.Connection
) -> None:
    taken, save = stored(uuid4()), log.insert_events
    save([taken], tracking=Tracking("desk", 9))
    calls = [
        lambda: save([stored(uuid4())]),
        lambda: save([stored(uuid4()), taken]),
        lambda: save([stored(uuid4())], tracking=Tracking("desk", 9)),
        lambda: save([], tracking=Tracking("desk", 10)),
        lambda: save([stored(uuid4()), stored(uuid4())]),
    ]
    won, lost = type(None), IntegrityError
    assert [type(each) for each in met(log, place, calls)] == [won, lost, lost, won, won]
    assert log.max_tracking_id("desk") == 10
    assert len(log.select_notifications(None, 10)) == 5
    commits = administrator.execute("SELECT count(DISTINCT xmin::text) FROM spowatch.events")
    assert commits.fetchone() == (3,)


def test_what_cannot_be_stored_fails_alone_too(log: PostgresLog, place: Place) -> None:
    bad = StoredEvent(uuid4(), 1, "nul\0", b"")
    good = partial(log.insert_events, [stored(uuid4())])
    other = partial(log.insert_events, [stored(uuid4())])
    first, spoilt, last = met(log, place, [good, partial(log.insert_events, [bad]), other])
    assert (first, last) == (None, None)
    assert isinstance(spoilt, psycopg.DataError)
    assert len(log.select_notifications(None, 10)) == 3


def test_a_name_that_would_come_back_as_a_uuid_is_refused(log: PostgresLog) -> None:
    with pytest.raises(ValueError, match="read back as a UUID"):
        log.insert_events([StoredEvent(str(uuid4()), 1, "test.v1", b"")])


def test_a_session_that_the_server_ended_is_replaced_before_the_next_call(
    log: PostgresLog, administrator: psycopg.Connection
) -> None:
    log.insert_events([stored(uuid4())])
    assert log.max_notification_id() == 1
    administrator.execute(END_SESSIONS)
    assert log.max_notification_id() == 1
    assert list(log.insert_events([stored(uuid4())])) == [2]


def test_a_save_cut_off_on_its_way_is_not_called_a_conflict_nor_a_failure(
    log: PostgresLog, place: Place, administrator: psycopg.Connection
) -> None:
    with ThreadPoolExecutor() as pool:
        with turn_taken(place):
            cut_off = pool.submit(log.insert_events, [stored(uuid4())])
            until(lambda: waiting_for_turn(administrator))
            administrator.execute(END_SESSIONS)
        with pytest.raises(OutcomeUnknown, match="may be stored; send it again"):
            cut_off.result()
    assert list(log.insert_events([stored(uuid4())]))


def test_a_save_whose_answer_was_lost_wakes_our_own_readers(
    log: PostgresLog, place: Place, administrator: psycopg.Connection
) -> None:
    log.watch.start()
    until(lambda: log.watch.turn == 1)
    with ThreadPoolExecutor() as pool:
        with turn_taken(place):
            saving = pool.submit(log.insert_events, [stored(uuid4())])
            until(lambda: waiting_for_turn(administrator))
            with socket.socket(fileno=os.dup(log._writer._cursor.connection.fileno())) as link:
                link.shutdown(socket.SHUT_RDWR)
            assert isinstance(saving.exception(), OutcomeUnknown)
            turn = log.watch.turn
        assert log.watch.wait_past(turn, 10)
    assert log.max_notification_id() == 1


def test_a_link_that_went_silent_holds_no_call_past_its_deadline(place: Place) -> None:
    with SilentProxy(place.cluster.directory) as link:
        dsn = f"host=127.0.0.1 port={link.port} user=spowatch_writer dbname={place.database}"
        with closing(PostgresLog(dsn, environment={})) as log, ThreadPoolExecutor(8) as pool:
            log.insert_events([stored(uuid4())])
            assert log.max_notification_id() == 1
            link.go_silent()
            begun = monotonic()
            saving = [pool.submit(log.insert_events, [stored(uuid4())]) for _ in range(3)]
            reading = pool.submit(log.max_notification_id)
            assert isinstance(saving[0].exception(), OutcomeUnknown)
            assert isinstance(reading.exception(), StoreUnavailable)
            # Left to itself a link is given up after a quarter of an hour.
            assert monotonic() - begun < DEADLINE + PATIENCE
            link.speak_again()
            assert all(isinstance(each.exception(), StoreUnavailable | None) for each in saving)
            assert log.insert_events([stored(uuid4())])
            assert log.max_notification_id()


def test_a_writer_killed_in_mid_transaction_holds_nobody_up(log: PostgresLog, place: Place) -> None:
    victim, _ = started(stop_in_mid_transaction, place.writer)
    with ThreadPoolExecutor() as pool:
        saving = pool.submit(log.insert_events, [stored(uuid4())])
        kill(victim)
        [position] = saving.result()
    assert [each.id for each in log.select_notifications(None, 10)] == [position]
    assert log.select_events("never") == []


def test_a_closed_log_says_so(place: Place) -> None:
    log = place.open()
    log.max_notification_id()
    log.close()
    log.close()
    with pytest.raises(ProgrammingError, match="was closed"):
        log.max_notification_id()
    with pytest.raises(ProgrammingError, match="was closed"):
        log.insert_events([stored(uuid4())])
