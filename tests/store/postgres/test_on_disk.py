"""A crash of the server takes back what it has not flushed; nothing that anyone of ours was told."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from time import monotonic, sleep
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent, Tracking

from spowatch.store.log_postgres import PostgresLog
from spowatch.store.postgres_appends import COPY_FROM, Crowd
from spowatch.store.postgres_faults import OutcomeUnknown
from tests.program import PATIENCE
from tests.servers.postgres import Cluster, running
from tests.store.other_processes import stored
from tests.store.postgres.places import IN_THIS_DATABASE, Place, made

STREAM = uuid4()
TURN = "SELECT pg_advisory_xact_lock(x'73706f6c6f67'::bigint)"
LAZY = {"wal_writer_delay": "10s", "wal_writer_flush_after": "1GB", "autovacuum": "off"}
PLACED = (
    "INSERT INTO spowatch.events (originator_id, originator_version, topic, state) "
    "VALUES (%s, 1, 'test.v1', '')"
)
SAVES: dict[str, list[StoredEvent]] = {
    "one": [stored(STREAM)],
    "several": [stored(STREAM, version) for version in (1, 2, 3)],
    "copied": [stored(STREAM, version) for version in range(1, COPY_FROM + 2)],
}
READS: dict[str, Callable[[PostgresLog], object]] = {
    "notifications": lambda log: log.select_notifications(None, 10),
    "references": lambda log: log.select_references(0, 10),
    "along": lambda log: log.select_along(0, 10, ["test.v1"], {uuid4(): 0}),
    "stream": lambda log: log.select_events(STREAM),
    "past": lambda log: log.select_past({STREAM: 0}),
    "last": lambda log: log.max_notification_id(),
    "bookmark": lambda log: log.max_tracking_id("nobody"),
}


@pytest.fixture(scope="module")
def forgetful(postgres: Cluster) -> Iterator[Place]:
    """On a server that flushes nothing of its own accord for a long time, and that nobody else commits on."""
    with running(**LAZY) as cluster:
        yield made(cluster)


def crash(place: Place) -> None:
    place.cluster.stop()
    place.cluster.start(**LAZY)


def kept(place: Place, stream: UUID = STREAM) -> int:
    with psycopg.connect(place.administrator) as connection:
        sql = "SELECT count(*) FROM spowatch.events WHERE originator_id = %s"
        [count] = connection.execute(sql, [str(stream)]).fetchone() or (0,)
        connection.execute("TRUNCATE spowatch.events, spowatch.tracking")
    return int(count)


def leave_in_memory(place: Place) -> None:
    """What the first of a save's two commits does; its writer then dies."""
    with psycopg.connect(place.writer, autocommit=True) as writer:
        writer.execute("SET synchronous_commit = off")
        writer.execute(PLACED, [str(STREAM)])


def test_an_event_that_nobody_was_told_of_can_be_taken_back(forgetful: Place) -> None:
    """The server flushes each ten seconds all the same; that may fall between the two, but not each time."""
    left: list[int] = []
    while 0 not in left and len(left) < 5:
        leave_in_memory(forgetful)
        crash(forgetful)
        left.append(kept(forgetful))
    assert 0 in left


@pytest.mark.parametrize("how", READS)
def test_an_event_that_was_read_is_never_taken_back(forgetful: Place, how: str) -> None:
    with closing(forgetful.open()) as log:
        leave_in_memory(forgetful)
        READS[how](log)
    crash(forgetful)
    assert kept(forgetful) == 1


@pytest.mark.parametrize(
    ("how", "bookmark", "crowded"),
    [
        ("one", None, False),
        ("one", None, True),
        ("several", None, True),
        ("several", Tracking("desk", 1), True),
        ("copied", None, True),
    ],
)
def test_a_save_that_was_answered_is_never_taken_back(
    forgetful: Place, how: str, bookmark: Tracking | None, *, crowded: bool
) -> None:
    with closing(forgetful.open()) as log:
        log._writer._crowd.met(now=crowded)
        log.insert_events(SAVES[how], tracking=bookmark)
    crash(forgetful)
    assert kept(forgetful) == len(SAVES[how])


def commits(log: PostgresLog, place: Place) -> int:
    """How many one save takes: counted by the server, whoever makes them."""
    sql = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    with psycopg.connect(place.administrator, autocommit=True) as administrator:
        [before] = administrator.execute(sql).fetchone() or (0,)
        log.insert_events([stored(uuid4())])
        [after] = administrator.execute(sql).fetchone() or (0,)
    return int(after - before)


def test_a_writer_that_meets_others_commits_twice_for_a_while(forgetful: Place) -> None:
    with closing(forgetful.open()) as log:
        assert commits(log, forgetful) == 1
        with psycopg.connect(forgetful.administrator) as other, ThreadPoolExecutor() as pool:
            other.execute(TURN)
            saving = pool.submit(log.insert_events, [stored(uuid4())])
            until_waiting(forgetful)
            other.rollback()
            assert saving.result()
        assert log._writer._crowd.lately()
        log._writer._crowd.met(now=True)  # a second is soon over on a busy machine
        assert commits(log, forgetful) == 2
        log._writer._crowd = Crowd()
        assert commits(log, forgetful) == 1


def until_waiting(place: Place) -> None:
    sql = f"SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND {IN_THIS_DATABASE}"
    with psycopg.connect(place.administrator, autocommit=True) as administrator:
        deadline = monotonic() + PATIENCE
        while administrator.execute(sql.encode()).fetchone() is None:
            assert monotonic() < deadline
            sleep(0.005)


def test_where_a_standby_must_confirm_a_save_is_one_commit(forgetful: Place) -> None:
    with psycopg.connect(forgetful.administrator, autocommit=True) as administrator:
        # There is no such standby to wait for, so neither this session nor the role does.
        administrator.execute("SET synchronous_commit = local")
        administrator.execute("ALTER ROLE spowatch_writer SET synchronous_commit = local")
        administrator.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        administrator.execute("SELECT pg_reload_conf()")
        try:
            with closing(forgetful.open()) as log:
                log._writer._crowd.met(now=True)
                assert commits(log, forgetful) == 1
        finally:
            administrator.execute("ALTER ROLE spowatch_writer RESET synchronous_commit")
            administrator.execute("ALTER SYSTEM RESET synchronous_standby_names")
            administrator.execute("SELECT pg_reload_conf()")


def test_a_save_that_the_server_gave_up_is_not_called_a_failure(
    log: PostgresLog, place: Place
) -> None:
    with psycopg.connect(place.administrator) as other, ThreadPoolExecutor() as pool:
        other.execute(TURN)
        saving = pool.submit(log.insert_events, [stored(uuid4())])
        until_waiting(place)
        other.execute(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
            "WHERE wait_event = 'advisory' AND datname = current_database()"
        )
        assert isinstance(saving.exception(), OutcomeUnknown)
        other.rollback()
    assert log.insert_events([stored(uuid4())])
