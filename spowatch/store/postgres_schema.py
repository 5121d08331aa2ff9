"""A schema of ours in a PostgreSQL database: made and upgraded by `spowatch migrate`, checked by roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import LiteralString

from psycopg.sql import SQL, Identifier

from spowatch.store.postgres_connection import PostgresServer, TimedConnection
from spowatch.store.postgres_faults import RUN_MIGRATE, ServerFaultsNamed
from spowatch.store.sqlite_connection import StoreTooNew, StoreUnavailable

_MIGRATION_TAKES = 60.0
_VERSION_TABLE = SQL("CREATE TABLE {}.schema_version AS SELECT 0 AS version")
_VERSION = SQL("SELECT version FROM {}.schema_version")
_SET_VERSION = SQL("UPDATE {}.schema_version SET version = {}")
_IS_MIGRATED = "SELECT to_regclass(%s) IS NOT NULL"
_HAS_GROUND = "SELECT to_regnamespace(%s) IS NOT NULL"


@dataclass(frozen=True, slots=True)
class PostgresSchema:
    """Its name, and the statements of each version, oldest first; a released one is never edited."""

    name: LiteralString
    steps: Sequence[Sequence[LiteralString]]

    def migrate(self, server: PostgresServer) -> None:
        """Bring it to the newest version; may run twice, and in two processes."""
        with (
            ServerFaultsNamed(server.place),
            server.connect(seconds=_MIGRATION_TAKES) as connection,
        ):
            connection.execute("SET statement_timeout = 0")
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(hashtext('spowatch migrate'))")
                found = self._version(connection)
                self._refuse_newer(server, found)
                if not found:
                    self._lay_ground(connection)
                for statement in chain.from_iterable(self.steps[found:]):
                    connection.execute(statement)
                connection.execute(_SET_VERSION.format(Identifier(self.name), len(self.steps)))

    def check(self, server: PostgresServer, connection: TimedConnection) -> None:
        """Raise unless it is at exactly the newest version that this release knows."""
        found = self._version(connection)
        self._refuse_newer(server, found)
        if found < len(self.steps):
            trouble = f"{self.name}: schema version {found} is not {len(self.steps)}"
            raise StoreUnavailable(server.place, trouble, RUN_MIGRATE)

    def _lay_ground(self, connection: TimedConnection) -> None:
        # IF NOT EXISTS would ask for the right to create schemas even where roles.sql made this one.
        if connection.execute(_HAS_GROUND, [self.name]).fetchone() == (False,):
            connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(self.name)))
        connection.execute(_VERSION_TABLE.format(Identifier(self.name)))

    def _version(self, connection: TimedConnection) -> int:
        if connection.execute(_IS_MIGRATED, [f"{self.name}.schema_version"]).fetchone() == (False,):
            return 0
        query = _VERSION.format(Identifier(self.name))
        [version] = connection.execute(query).fetchone() or (0,)
        return int(version)

    def _refuse_newer(self, server: PostgresServer, found: int) -> None:
        if found > len(self.steps):
            raise StoreTooNew(server.place, found, len(self.steps))
