"""What an entry came to: recorded or kept, the alerts it led to, and the receipt of a notification."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from domain.events import RecordedEvent
from domain.facts.notification import NotificationReceived
from domain.orders import FactRefused, StalkingProtectionOrder
from domain.refusals import REFUSALS, Refusal
from web.access import NotYours
from web.court.desk import order_if_theirs
from web.readable import OrderNamed
from web.rendering import page
from web.requests import SignedIn, TheSystem
from web.system import System

router = APIRouter(include_in_schema=False)


@router.get("/orders/{reference:path}/recorded/{event}")
def recorded(reference: OrderNamed, event: UUID, system: TheSystem, session: SignedIn) -> Response:
    """What was recorded, to whoever may read the order; to who recorded it that it was, and no more."""
    order = system.register.order(reference)
    entry = _entry(order, event)
    may_read = order_if_theirs(system, session.person, reference) is not None
    if not may_read and entry.envelope.actor != session.person.staff:
        raise NotYours
    return page(
        "court_recorded.html",
        session=session,
        demo=system.demo,
        order=order,
        event=entry,
        fact=_fact(entry) if may_read else None,
        refusal=_refusal(order, entry),
        what=_what(system, order, entry) if may_read else None,
        notified=isinstance(_fact(entry), NotificationReceived),
        alerts=_alerts(system, order, event),
        may_read=may_read,
    )


def _entry(order: StalkingProtectionOrder, event: UUID) -> RecordedEvent[Any]:
    stored: Sequence[RecordedEvent[Any]] = (*order.facts, *order.refused)
    found = next((each for each in stored if each.event_id == event), None)
    if found is None:
        raise NotYours
    return found


def _fact(entry: RecordedEvent[Any]) -> Any:
    return entry.event.fact if isinstance(entry.event, FactRefused) else entry.event


def _refusal(order: StalkingProtectionOrder, entry: RecordedEvent[Any]) -> Refusal | None:
    """Why it does not count, if it does not."""
    if isinstance(entry.event, FactRefused):
        return REFUSALS.get(entry.event.code)
    known = order.known_until or entry.envelope.recorded_at
    code = order.judged_codes(known).get(entry.originator_version)
    return None if code is None else REFUSALS[code]


def _what(system: System, order: StalkingProtectionOrder, entry: RecordedEvent[Any]) -> str:
    history = system.records.history(order.id)
    told = (each["what"] for each in history if each["version"] == entry.originator_version)
    return str(next(told, ""))


def _alerts(system: System, order: StalkingProtectionOrder, event: UUID) -> list[dict[str, Any]]:
    """Each alert that the entry led to, and when it was raised; None while the desk is about to."""
    return [
        {
            "id": alert.id,
            "code": alert.code,
            "priority": alert.priority,
            "raised_at": raised.raised_at
            if (raised := system.register.alert(alert.id).raised)
            else None,
        }
        for alert in system.entries.alerts_of(order, event)
    ]
