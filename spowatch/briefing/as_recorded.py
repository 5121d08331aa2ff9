"""The instant a printed briefing speaks of, so that one version of an alert is one sheet."""

from collections.abc import Iterable
from datetime import datetime

from domain.desk.record import AlertOnRecord
from domain.orders import StalkingProtectionOrder
from domain.standing import standing


def spoken_at(
    alert: AlertOnRecord, orders: Iterable[StalkingProtectionOrder], now: datetime
) -> datetime:
    """The last instant up to `now` at which anything the sheet says may have changed.

    That is when its priority was changed, the last fact was entered, or when time alone last ended an order, a duty or a
    spell. Until the next of these every sheet says the same, to the byte.
    """
    since = alert.priority_since
    known = [] if alert.raised is None else [alert.raised.raised_at]
    known += [] if since is None else [since]
    for order in orders:
        known += [fact.envelope.entered_at for fact in order.facts]
        known += [entry.envelope.entered_at for entry in order.withdrawals]
        known += [order.known_until] if order.known_until is not None else []
    return max(_moved_on(order, max(known), now) for order in orders)


def _moved_on(order: StalkingProtectionOrder, since: datetime, now: datetime) -> datetime:
    until = standing(order, since).until
    while until is not None and since < until <= now:
        since = until
        until = standing(order, since).until
    return since
