"""What the sheets of orders share: one row an order, which the order itself says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain.case_access import OF_CASE_ACCESS
from domain.commands import CommandAnswered
from domain.consultations import ConsultationsReviewed, RecordConsulted
from domain.disclosures import ListConsulted, ListDisclosed
from domain.lateness import SweptLate
from domain.line_tests import OF_THE_LINE
from domain.orders import OrderOpened, StalkingProtectionOrder
from domain.parked import EventDiscarded, EventParked, EventRedriven
from domain.sheet_audits import SheetAudited
from domain.subjects import OrderLinked
from domain.unread import MessageSettled, MessageUnread
from projections.arrest_board import ALERT_TOPICS
from projections.columns import RowClass, values_of
from projections.sheet import Reading, Row, Table

_OF_NO_ORDER = (
    ALERT_TOPICS
    | OF_THE_LINE
    | OF_CASE_ACCESS
    | frozenset(
        kind.TOPIC
        for kind in (
            CommandAnswered,
            EventDiscarded,
            EventParked,
            EventRedriven,
            ListConsulted,
            ListDisclosed,
            MessageSettled,
            MessageUnread,
            OrderLinked,
            ConsultationsReviewed,
            RecordConsulted,
            SheetAudited,
            SweptLate,
        )
    )
)
"""Much of the log, and in streams of its own. Any other topic is looked at: the stream decides."""

RowOf = Callable[[StalkingProtectionOrder, int | None, datetime], RowClass]
"""The row of an order opened at that position of the log, as it stands at that instant."""


@dataclass(slots=True)
class _Held:
    order: StalkingProtectionOrder
    opened: int | None


class OrderSheet:
    """See `Sheet`. A row is as of the last moment anything was told of the order."""

    def __init__(self, table: Table, row_of: RowOf, read: Reading) -> None:
        self.table = table
        self._row_of = row_of
        self._read = read

    def concerns(self, topic: str) -> bool:
        return topic not in _OF_NO_ORDER

    def begin(self, stream: UUID, first: StoredEvent, position: int | None) -> _Held | None:
        if first.topic != OrderOpened.TOPIC:
            return None
        return _Held(StalkingProtectionOrder(stream), position)

    def apply(self, state: _Held, stored: StoredEvent) -> None:
        state.order.fold([self._read(stored)])

    def row(self, state: _Held) -> Row:
        order = state.order
        if order.known_until is None:
            msg = f"{order.id} holds nothing"
            raise LookupError(msg)
        return values_of(self._row_of(order, state.opened, order.known_until))
