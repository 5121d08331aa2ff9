"""The records as the pages ask for them: briefings, histories and the list of alerts, from the log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from domain.alerts import AlertRaised
from domain.consultations import RecordConsulted
from domain.desk.case_file import CaseFile
from domain.desk.record import AlertOnRecord
from domain.dossier import order_id
from domain.events import RecordedEvent
from domain.looks import Look
from domain.orders import StalkingProtectionOrder
from projections.store import SheetStore
from spowatch.briefing import briefing
from spowatch.briefing.order_account import account
from spowatch.briefing.printing import printed
from spowatch.caseload.figures import published_by_force
from spowatch.log_pages import pages, stream, stream_of
from spowatch.open_store import Store
from spowatch.person_timeline import person_timeline
from spowatch.pipeline import pipeline
from spowatch.serving.access_records import Looks, Owners, glasses, readings
from spowatch.wording.alert_rows import row_of
from spowatch.wording.plain_words import moment
from spowatch.wording.timeline import timeline


class LogRecords:
    """Reads; that somebody read is on record before it is asked."""

    def __init__(self, store: Store, alerts: SheetStore) -> None:
        """`alerts` is the sheet of the arrest board, also of alerts that are closed."""
        self._store = store
        self._owners = Owners(store)
        self._looks = Looks(store, self._owners)
        self._alerts = alerts

    def briefing(self, found: CaseFile, now: datetime) -> dict[str, Any]:
        return briefing(found.alert, found.order, found.person_orders, now)

    def paper(self, found: CaseFile, now: datetime) -> bytes:
        """See `Records`."""
        position = self._store.log.place_of(found.alert.id, 1)
        if position is None:
            msg = f"alert {found.alert.id} was never raised"
            raise LookupError(msg)
        return printed(self._store, found, now, position=position, with_protected=False).pdf

    def history(
        self, stream_id: UUID, *, at: datetime | None = None, known: datetime | None = None
    ) -> Sequence[dict[str, Any]]:
        every = stream(self._store, stream_id)
        told = timeline(every)
        if at is None or known is None:
            return told
        seen = (each.envelope for each in every)
        return [
            words
            for words, told_of in zip(told, seen, strict=True)
            if told_of.occurred_at <= at and told_of.recorded_at <= known
        ]

    def person(
        self, subject: UUID, orders: Sequence[StalkingProtectionOrder]
    ) -> Sequence[dict[str, Any]]:
        return [
            {
                "what": each.what,
                "actor": each.actor,
                "occurred_at": moment(each.occurred_at),
                "recorded_at": moment(each.recorded_at),
                "orders": [(reference, order_id(reference)) for reference in each.orders],
            }
            for each in person_timeline(self._store, subject, orders, self._alerts)
        ]

    def published(self) -> Sequence[Mapping[str, str]]:
        return published_by_force()

    def pipeline(self) -> Mapping[str, Any]:
        return pipeline(self._store).as_dict()

    def looks(self) -> Sequence[Look]:
        return self._looks.every()

    def glasses(self) -> Sequence[dict[str, Any]]:
        return glasses(self._store)

    def raised_after(self, position: int, limit: int) -> Sequence[tuple[int, dict[str, Any]]]:
        found = islice(pages(self._store, [AlertRaised.TOPIC], after=position), limit)
        register = self._store.register
        return [(each.id, row_of(register.read(AlertOnRecord(stream_of(each))))) for each in found]

    def account(self, order: StalkingProtectionOrder, now: datetime) -> dict[str, Any]:
        told = account(order, stream(self._store, order.id), now)
        return {name: value for name, value in told.items() if name != "timeline"}

    def consulted_after(self, position: int, limit: int) -> Sequence[tuple[int, dict[str, Any]]]:
        found = islice(readings(self._store, after=position), limit)
        return [
            (place, _consulted(each) | {"owner": self._owners.of(each.event.order_id)})
            for place, each in found
        ]


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
