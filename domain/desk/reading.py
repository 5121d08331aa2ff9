"""Reads an alert as the desk needs it: under the policies of the force that has it, by people on duty."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from domain.desk.case import AlertCase
from domain.desk.hands import Hand
from domain.desk.policies import STANDARD
from domain.desk.refusals import refused_at_desk
from domain.desk.rota import Rota
from domain.register import OrderRegister


def read_case(register: OrderRegister, alert: UUID) -> AlertCase:
    """One that was never raised has version 0."""
    return under_its_policies(register.read(AlertCase(alert)), register)


def under_its_policies(case: AlertCase, register: OrderRegister) -> AlertCase:
    """The standard ones stand in for those that the force does not state."""
    case.policies = {**STANDARD, **register.policies_of(case.force)}
    return case


def must_be_on_duty(rotas: Mapping[str, Rota], hand: Hand, now: datetime) -> None:
    """Where a force has no rota, nobody is asked. Raises `Refused`."""
    rota = rotas.get(hand.force)
    if rota is not None and not rota.is_on_duty(hand.staff, hand.role, now):
        raise refused_at_desk("NOT_ON_DUTY")
