"""Logs on PostgreSQL to measure with: ours, the library's own recorder, and bare rows by hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from deploy.postgres.server import Cluster, running
from spowatch.open_store import Store
from spowatch.settings.root import PostgresLogSettings, Settings, Transport
from spowatch.store.log_postgres import PostgresLog
from spowatch.wiring.store import migrate, opened, throw_away
from tests.store.postgres.places import Place, made, run_script, unmigrated

STATE = b"x" * 440
"""As long as a breach report is."""

_LIBRARY = "library"
_RAW = (
    "CREATE TABLE public.raw (position bigint GENERATED ALWAYS AS IDENTITY UNIQUE, "
    'originator_id text COLLATE "C" NOT NULL, originator_version integer NOT NULL, '
    "topic text NOT NULL, state bytea NOT NULL, "
    "PRIMARY KEY (originator_id, originator_version)) WITH (vacuum_truncate = off)"
)
RAW_INSERT = (
    "INSERT INTO public.raw (originator_id, originator_version, topic, state) "
    "VALUES (%b, %b, %b, %b) RETURNING position"
)
RAW_COPY = (
    "COPY public.raw (originator_id, originator_version, topic, state) FROM STDIN (FORMAT binary)"
)
Save = Callable[[], object]


@contextmanager
def measured_place() -> Iterator[Place]:
    """On a server of its own."""
    with running() as cluster:
        yield reachable(prepared(cluster))


def prepared(cluster: Cluster) -> Place:
    """Our log, a table of the same shape and the library's schema, side by side."""
    place = made(cluster)
    with psycopg.connect(place.administrator, autocommit=True) as administrator:
        administrator.execute(_RAW)
        administrator.execute("GRANT ALL ON public.raw TO spowatch_writer")
        administrator.execute("CREATE SCHEMA library")
    for fast_path in (False, True):
        recorder = library(place.writer, fast_path=fast_path)
        recorder.create_table()
        recorder.datastore.close()
    return place


def reachable(place: Place) -> Place:
    """The same, as it can be handed to another process."""
    return Place(Cluster(place.cluster.directory), place.database)


def library(dsn: str, *, fast_path: bool = False) -> PostgresApplicationRecorder:
    """The library's recorder as it comes, or with the functions that we refuse to run with."""
    given = conninfo_to_dict(dsn)
    datastore = PostgresDatastore(
        dbname=str(given["dbname"]),
        host=str(given["host"]),
        port="5432",
        user="administrator",
        password="-",
        max_overflow=4,
        schema=_LIBRARY,
        enable_db_functions=fast_path,
    )
    return PostgresApplicationRecorder(datastore, events_table_name="stored_events")


def event() -> StoredEvent:
    return StoredEvent(uuid4(), 1, "spo.bench.v1", STATE)


def our_save(place: Place) -> Save:
    log = PostgresLog(place.writer, environment={})
    return lambda: log.insert_events([event()])


def library_save(place: Place) -> Save:
    recorder = library(place.writer)
    return lambda: recorder.insert_events([event()])


def raw_save(place: Place) -> Save:
    """The same bytes by a prepared statement with binary parameters."""
    connection = psycopg.connect(place.writer, autocommit=True, prepare_threshold=0)
    cursor = connection.cursor(binary=True)

    def save() -> None:
        told = event()
        row = (str(told.originator_id), 1, told.topic, told.state)
        cursor.execute(RAW_INSERT, row).fetchall()

    return save


@contextmanager
def new_store(transport: Transport | None = None) -> Iterator[tuple[Store, Place]]:
    """The whole store with its log on a PostgreSQL server of its own."""
    with TemporaryDirectory(prefix="bench-") as folder, running() as cluster:
        place = unmigrated(cluster)
        settings = throw_away(Path(folder))
        if transport is not None:
            settings = settings.model_copy(update={"transport": transport})
        migrate(_with_log(settings, place.owner))
        run_script(place.owner, "grants.sql")
        with psycopg.connect(place.administrator, autocommit=True) as administrator:
            administrator.execute(_RAW)
            administrator.execute("GRANT ALL ON public.raw TO spowatch_writer")
        with opened(_with_log(settings, place.writer)) as store:
            yield store, reachable(place)


def _with_log(settings: Settings, dsn: str) -> Settings:
    log = PostgresLogSettings(kind="postgres", dsn=SecretStr(dsn))
    return settings.model_copy(update={"log": log})
