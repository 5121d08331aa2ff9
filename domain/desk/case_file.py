"""The file of an alert: the alert, its order, and every order of the person it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.alerts import AlertCode, AlertRaised
from domain.desk.record import AlertOnRecord
from domain.desk.refusals import refused_at_desk
from domain.orders import StalkingProtectionOrder
from domain.register import OrderRegister


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What a briefing is written from; whoever releases it puts each of these orders on record."""

    alert: AlertOnRecord
    raised: AlertRaised
    order: StalkingProtectionOrder
    person_orders: Sequence[StalkingProtectionOrder]
    """Every order of the person, this one among them where the person is known."""


def case_file(register: OrderRegister, alert: UUID) -> CaseFile:
    """Raises `LookupError` when there is no such alert, or it was never raised.

    Raises `Refused` when it is about somebody who read the case, and there is nothing to brief on.
    """
    found = register.read(AlertOnRecord(alert))
    if found.raised is None:
        msg = f"alert {alert} cannot be read"
        raise LookupError(msg)
    if found.raised.code is AlertCode.GLASS_BROKEN:
        raise refused_at_desk("ABOUT_A_READING", reference=found.raised.reference)
    order = register.order_by_id(found.raised.order_id)
    person = [] if order.subject_id is None else register.subject(order.subject_id).order_ids
    return CaseFile(found, found.raised, order, [register.order_by_id(each) for each in person])
