"""The attempts to bring one alert to people outside, one after the other, as they are on record."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from domain.desk.deliveries import (
    Delivery,
    DeliveryAnswered,
    DeliveryAttempted,
    DeliveryNotTaken,
    DeliveryQueued,
    DeliveryUnanswered,
    ReceiptReceived,
)
from domain.events import Event, RecordedEvent
from spowatch.log_pages import pages, stream, stream_of
from spowatch.open_store import Store


def deliveries(store: Store, alert: UUID, *, after: int) -> Iterator[dict[str, Any]]:
    """Each message of that alert to each recipient; it was raised past position `after`.

    Recipients stand there by the names the settings give them, or by staff number.
    """
    for found in pages(store, [DeliveryQueued.TOPIC], after=after):
        queued = store.mapper.to_domain_event(found).event
        if isinstance(queued, DeliveryQueued) and queued.alert_id == alert:
            yield _told(queued, stream_of(found), store)


def _told(queued: DeliveryQueued, identity: UUID, store: Store) -> dict[str, Any]:
    history = stream(store, identity)
    delivery = Delivery(identity)
    delivery.fold(history)
    return {
        "delivery": str(identity),
        "what": queued.what,
        "channel": queued.channel,
        "receiver": queued.receiver,
        "priority": queued.priority,
        "state": str(delivery.state),
        "next_attempt_at": delivery.due_at,
        "provider_id": delivery.provider_id,
        "record": [_line(each) for each in history],
    }


def _line(recorded: RecordedEvent) -> dict[str, Any]:
    return {"at": recorded.envelope.recorded_at} | _said(recorded.event)


def _said(event: Event) -> dict[str, Any]:
    match event:
        case DeliveryAttempted():
            return {"happened": "attempted", "attempt": event.attempt}
        case DeliveryAnswered():
            return {
                "happened": str(event.state),
                "attempt": event.attempt,
                "said": event.said,
                "again_at": event.retry_at,
            }
        case DeliveryUnanswered():
            return {"happened": "unknown", "attempt": event.attempt}
        case DeliveryNotTaken():
            return {"happened": "put before a person", "said": event.said}
        case ReceiptReceived():
            return {"happened": f"receipt: {event.state}", "receipt_at": event.at}
        case _:
            return {"happened": event.TOPIC.removeprefix("spo.delivery-").partition(".")[0]}
