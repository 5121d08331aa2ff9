"""Reads what a briefing is written from: the alert, its order, and every order of the person."""

from dataclasses import dataclass
from uuid import UUID

from domain.alerts import AlertCode, AlertRaised
from domain.desk.record import AlertOnRecord
from domain.desk.refusals import refused_at_desk
from domain.orders import StalkingProtectionOrder
from domain.register import OrderRegister


@dataclass(frozen=True, slots=True)
class OnRecord:
    alert: AlertOnRecord
    raised: AlertRaised
    order: StalkingProtectionOrder
    person_orders: list[StalkingProtectionOrder]
    """Every order of the person, this one among them where the person is known."""


def on_record(register: OrderRegister, identity: UUID) -> OnRecord:
    """Raises `LookupError` when there is no such alert, or it was never raised.

    Raises `Refused` when it is about somebody who read the case, and there is nothing to brief on.
    """
    alert = register.read(AlertOnRecord(identity))
    if alert.raised is None:
        msg = f"alert {identity} cannot be read"
        raise LookupError(msg)
    if alert.raised.code is AlertCode.GLASS_BROKEN:
        raise refused_at_desk("ABOUT_A_READING", reference=alert.raised.reference)
    order = register.order_by_id(alert.raised.order_id)
    person = [] if order.subject_id is None else register.subject(order.subject_id).order_ids
    orders = [register.order_by_id(each) for each in person]
    return OnRecord(alert, alert.raised, order, orders)
