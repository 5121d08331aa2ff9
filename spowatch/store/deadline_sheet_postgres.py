"""The deadline sheet in the log's PostgreSQL database, for sweeps on several machines.

It stands here and not in `projections` because it is spoken to with the store's own connections, each
call of which has a deadline.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from domain.calendar import clock_rules
from domain.deadlines import Agenda, Deadline, DeadlineKind, Due
from projections.deadline_sheet import CLAIM, Agendas, Row, digest_of
from spowatch.store.deadline_sheet_schema import SHEETS
from spowatch.store.postgres_connection import PostgresServer
from spowatch.store.postgres_connections import PostgresConnections
from spowatch.store.postgres_faults import ServerFaultsNamed

_HOLD: LiteralString = (
    "SELECT sheets.hold(%b::uuid[], %b::integer[], %b::uuid[], %b::timestamptz[], %b::text[], "
    "%b::text[], %b::text[], %b::smallint[], %b::bigint, %b::bigint, %b::timestamptz)"
)
_CLAIM: LiteralString = (
    "SELECT order_id, due_at, version FROM sheets.claim(%b::timestamptz, %b::integer, %b::interval)"
)
_NEXT: LiteralString = (
    "SELECT least((SELECT min(due_at) FROM sheets.deadline WHERE urgency = 0), "
    "(SELECT min(due_at) FROM sheets.deadline WHERE urgency = 1))"
)
_COMING: LiteralString = (
    "SELECT order_id, due_at, version FROM ("
    "SELECT order_id, due_at, urgency FROM sheets.deadline WHERE urgency IN (0, 1) "
    "AND due_at > %b::timestamptz AND due_at <= %b::timestamptz "
    "ORDER BY urgency, due_at LIMIT %b::integer"
    ") AS soon JOIN sheets.agenda USING (order_id) ORDER BY urgency, due_at"
)
_VERSIONS: LiteralString = (
    "SELECT order_id, version FROM sheets.agenda WHERE order_id = ANY(%b::uuid[])"
)
_AGENDAS: LiteralString = (
    "SELECT order_id, due_at, kind, about, basis, urgency FROM sheets.deadline "
    "WHERE order_id = ANY(%b::uuid[]) ORDER BY order_id, due_at, kind, about"
)
_ROWS: LiteralString = (
    "SELECT order_id, due_at, kind, about, basis FROM sheets.deadline "
    "WHERE (order_id, due_at, kind, about) > (%b::uuid, %b::timestamptz, %b::text, %b::text) "
    "ORDER BY order_id, due_at, kind, about LIMIT 10000"
)
_ANY_URGENCY = 1
_CLAIM_LASTS = timedelta(seconds=CLAIM)


class PostgresDeadlineSheet:
    """Safe to share between threads, processes and machines. Claims run out on the server's clock.

    Raises `StoreUnavailable` when the server is away or the sheet was never migrated. All machines
    must know the same clock rules: whoever opens the sheet under others makes it anew.
    """

    def __init__(
        self, dsn: str, *, environment: Mapping[str, str], rules: int | None = None
    ) -> None:
        """`rules` are the clock rules the rows are worked out by; this machine's unless stated."""
        server = PostgresServer(dsn, environment=environment)
        with ServerFaultsNamed(server.place), server.connect() as connection:
            SHEETS.check(server, connection)
        self._connections = PostgresConnections(server)
        rules = clock_rules() if rules is None else rules
        if self._one("SELECT rules FROM sheets.bookmark") != rules:
            self._connections.fetch_all("SELECT sheets.work_by(%b::bigint)", [rules])

    @property
    def position(self) -> int:
        found: int = self._one("SELECT position FROM sheets.bookmark")
        return found

    @property
    def swept_at(self) -> datetime | None:
        return _utc(self._one("SELECT swept_at FROM sheets.bookmark"))

    def put(self, agendas: Agendas, position: int, *, after: int = 0) -> None:
        self._hold(agendas, after, position, None)

    def clear(self) -> None:
        self._connections.fetch_all("SELECT sheets.clear()")

    def rearm(self, agendas: Agendas, swept_at: datetime) -> None:
        self._hold(agendas, 0, 0, swept_at)

    def claim(self, now: datetime, *, limit: int) -> list[Due]:
        return _due(self._connections.fetch_all(_CLAIM, [now, limit, _CLAIM_LASTS]))

    def coming(self, now: datetime, until: datetime, *, limit: int) -> list[Due]:
        return _due(self._connections.fetch_all(_COMING, [now, until, limit]))

    def versions(self, orders: Sequence[UUID]) -> dict[UUID, int]:
        return dict(self._connections.fetch_all(_VERSIONS, [list(orders)])) if orders else {}

    def next_due(self) -> datetime | None:
        return _utc(self._one(_NEXT))

    def rows(self) -> Iterator[Row]:
        """A page at a time, so that they are of one instant only where nobody writes."""
        last = (UUID(int=0), datetime.min.replace(tzinfo=UTC), "", "")
        while page := self._connections.fetch_all(_ROWS, last):
            for order, due, kind, about, basis in page:
                yield Row(order, _deadline(kind, about, due, basis))
            last = page[-1][:4]

    def agendas(self, orders: Sequence[UUID]) -> dict[UUID, Agenda]:
        versions = self.versions(orders)
        held: dict[UUID, list[Deadline]] = {order: [] for order in versions}
        urgencies: dict[UUID, int] = {}
        for order, due, kind, about, basis, urgency in self._connections.fetch_all(
            _AGENDAS, [list(versions)]
        ):
            held[order].append(_deadline(kind, about, due, basis))
            urgencies[order] = urgency
        return {
            order: Agenda(version, urgencies.get(order, _ANY_URGENCY), held[order])
            for order, version in versions.items()
        }

    def digest(self) -> str:
        return digest_of(self.rows())

    def close(self) -> None:
        self._connections.close()

    def _one(self, sql: LiteralString) -> Any:
        return self._connections.fetch_all(sql)[0][0]

    def _hold(
        self, agendas: Agendas, read_after: int, read_to: int, swept_at: datetime | None
    ) -> None:
        rows = {
            (order, each.due_at, str(each.kind), each.about, each.basis, agenda.urgency)
            for order, agenda in agendas.items()
            for each in agenda.deadlines
        }
        columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(6)]
        versions = [agenda.version for agenda in agendas.values()]
        values = [list(agendas), versions, *columns, read_after, read_to, swept_at]
        self._connections.fetch_all(_HOLD, values)


def _due(rows: Sequence[tuple[UUID, datetime, int]]) -> list[Due]:
    return [Due(order, due.astimezone(UTC), version) for order, due, version in rows]


def _deadline(kind: str, about: str, due: datetime, basis: str) -> Deadline:
    return Deadline(DeadlineKind(kind), about, due.astimezone(UTC), basis)


def _utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(UTC)
