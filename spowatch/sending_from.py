"""A receiver is sent alerts from an earlier place in the log, because a person says so."""

from datetime import datetime

from eventsourcing.persistence import IntegrityError

from consumers.lane_start import beginning
from domain.alerts import AlertRaised
from domain.desk.receivers import ReceiverRecord, receiver_stream
from spowatch.log_pages import pages
from spowatch.open_store import Store
from spowatch.releasing import checked_hand
from spowatch.wiring.receivers import receivers

_TRIES = 5


def send_from(
    store: Store, receiver: str, since: datetime, staff: str, reason: str, now: datetime
) -> int:
    """How many alerts it is sent besides, those it has taken already included; they are not sent again.

    Raises `ValueError` for a receiver that the settings do not name, and for a wrong number or reason.
    """
    known = sorted(receivers(store.settings))
    if receiver not in known:
        there_are = ", ".join(known) or "none"
        msg = f"no receiver {receiver[:40]!r}; with these settings there are: {there_are}"
        raise ValueError(msg)
    checked_hand(staff, reason)
    raised = _raised_since(store, since)
    after = (raised[0] - 1) if raised else store.log.max_notification_id() or 0
    beginning(store.register, receiver, now)
    for _ in range(_TRIES):
        record = store.register.read(ReceiverRecord(receiver_stream(receiver)))
        record.begin_again(receiver, after, staff, reason, now)
        try:
            store.register.keep([record])
        except IntegrityError:  # a lane wrote to it in this very moment
            continue
        return len(raised)
    msg = "others write to the same record without a pause; run it again"
    raise ValueError(msg)


def _raised_since(store: Store, since: datetime) -> list[int]:
    """The positions of the alerts raised then or later."""
    found = []
    for each in pages(store, [AlertRaised.TOPIC]):
        event = store.mapper.to_domain_event(each).event
        if isinstance(event, AlertRaised) and event.raised_at >= since:
            found.append(each.id)
    return found
