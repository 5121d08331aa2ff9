"""The library's own ProjectionRunner on PostgreSQL, with one row an aggregate as its view."""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

from deploy.postgres.server import running

AGGREGATES, LENGTH, WAITS = 100, 15, 60
_PATIENCE = 120.0


class Noted(Aggregate):
    def __init__(self) -> None:
        self.last = "", ""

    @event("Told")
    def tell(self, condition: str, narrative: str) -> None:
        self.last = condition, narrative


class Notes(Application[UUID]):
    name = "notes"


class PostgresNotes(PostgresTrackingRecorder):
    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        self._table = Identifier(self.datastore.schema, "notes_view")
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS {} (id uuid PRIMARY KEY, version integer)").format(
                self._table
            )
        )

    def note(self, told: Any, tracking: Tracking) -> None:
        upsert = SQL(
            "INSERT INTO {} VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET version = excluded.version"
        ).format(self._table)
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(upsert, (told.originator_id, told.originator_version))


class NotesProjection(Projection[PostgresNotes]):
    name = "notes_view"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.note(domain_event, tracking)


@contextmanager
def _running() -> Iterator[tuple[Notes, Any]]:
    with running() as cluster:
        env = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": "postgres",
            "POSTGRES_HOST": str(cluster.directory),
            "POSTGRES_PORT": "5432",
            "POSTGRES_USER": "administrator",
            "POSTGRES_PASSWORD": "-",
        }
        app = Notes(env)
        for _ in range(AGGREGATES):
            told = Noted()
            for _ in range(LENGTH - 1):
                told.tell("P-CONTACT-DIRECT", "x" * 300)
            app.save(told)
        yield app, env
        app.close()


def library_events_a_second() -> float:
    """How many events it projects in a second, from the first to the last."""
    with _running() as (app, env):
        last = app.recorder.max_notification_id()
        began = perf_counter()
        with ProjectionRunner(
            application_class=Notes,
            projection_class=NotesProjection,
            view_class=PostgresNotes,
            env=env,
        ) as runner:
            runner.wait(last, timeout=_PATIENCE)
            return AGGREGATES * LENGTH / (perf_counter() - began)


def library_read_your_write() -> float:
    """Milliseconds from a save to its `wait` being over, the median."""
    with (
        _running() as (_, env),
        ProjectionRunner(
            application_class=Notes,
            projection_class=NotesProjection,
            view_class=PostgresNotes,
            env=env,
        ) as runner,
    ):
        runner.wait(runner.app.recorder.max_notification_id(), timeout=_PATIENCE)
        waits = []
        for _ in range(WAITS):
            (saved, *_) = runner.app.save(Noted())
            began = perf_counter()
            runner.wait(saved.notification.id, timeout=_PATIENCE)
            waits.append((perf_counter() - began) * 1e3)
        return median(waits)
