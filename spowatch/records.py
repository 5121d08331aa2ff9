"""The records as the pages ask for them: briefings, histories and the list of alerts, from the log."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from domain.alerts import AlertRaised
from domain.consultations import RecordConsulted
from domain.desk.record import AlertOnRecord
from domain.events import RecordedEvent, holds
from domain.orders import StalkingProtectionOrder
from spowatch.briefing import briefing
from spowatch.briefing.order_account import account
from spowatch.log_pages import pages, stream, stream_of
from spowatch.open_store import Store
from spowatch.wording.alert_rows import row_of
from spowatch.wording.timeline import timeline


class LogRecords:
    """Reads; that somebody read is on record before it is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def briefing(self, alert: UUID, now: datetime) -> dict[str, Any]:
        """Raises `LookupError` when the alert was never raised."""
        register = self._store.register
        raised = register.read(AlertOnRecord(alert))
        if raised.raised is None:
            msg = f"alert {alert} was never raised"
            raise LookupError(msg)
        order = register.order_by_id(raised.raised.order_id)
        person = order.subject_id
        ids = [] if person is None else register.subject(person).order_ids
        orders = [register.order_by_id(each) for each in ids]
        return briefing(raised, order, orders, now)

    def history(self, stream_id: UUID) -> Sequence[dict[str, Any]]:
        return timeline(stream(self._store, stream_id))

    def raised_after(self, position: int, limit: int) -> Sequence[tuple[int, dict[str, Any]]]:
        found = islice(pages(self._store, [AlertRaised.TOPIC], after=position), limit)
        register = self._store.register
        return [(each.id, row_of(register.read(AlertOnRecord(stream_of(each))))) for each in found]

    def account(self, order: StalkingProtectionOrder, now: datetime) -> dict[str, Any]:
        told = account(order, stream(self._store, order.id), now)
        return {name: value for name, value in told.items() if name != "timeline"}

    def consulted_after(self, position: int, limit: int) -> Sequence[tuple[int, dict[str, Any]]]:
        found = islice(pages(self._store, [RecordConsulted.TOPIC], after=position), limit)
        read = ((each.id, self._store.mapper.to_domain_event(each)) for each in found)
        return [(place, _consulted(each)) for place, each in read if holds(each, RecordConsulted)]


def _consulted(each: RecordedEvent[RecordConsulted]) -> dict[str, Any]:
    consulted, envelope = each.event, each.envelope
    return {
        "id": each.originator_id,
        "at": envelope.recorded_at,
        "who": envelope.actor,
        "role": envelope.role,
        "force": envelope.force,
        "terminal": envelope.terminal,
        "purpose": consulted.purpose,
        "what": consulted.what,
        "order": consulted.reference,
        "alert": consulted.alert_id,
    }
