"""What becomes of an alert as it is raised: a decision on record holds it back, or people begin to be told."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.alerts import ArrestAlert
from domain.brought import NOTHING_BROUGHT, Brought
from domain.desk.case import AlertCase
from domain.desk.policies import STANDARD
from domain.desk.suppression_desk import SuppressionDesk
from domain.register import OrderRegister


class Reception:
    """Whoever raises alerts asks here, and saves the answer in the transaction of the raise.

    Then no alert ever stands on the log without a hold or a running escalation, and no sweep has to
    come by before its escalation begins.
    """

    def __init__(self, register: OrderRegister) -> None:
        self._register = register
        self._suppressions = SuppressionDesk(register)

    def asks_for(self) -> Mapping[UUID, int]:
        """The streams it reads before it answers, and how far it has read them."""
        return self._suppressions.versions()

    def receive(
        self, alerts: Iterable[ArrestAlert], now: datetime, brought: Brought = NOTHING_BROUGHT
    ) -> Iterator[AlertCase]:
        """Of those about to be raised, what is recorded of each right after its raise."""
        policies: dict[str, Mapping[int, Any]] = {}
        for alert in alerts:
            if not alert.is_new:
                continue
            case = AlertCase(alert.id)
            case.fold(alert.unsaved)
            if case.force not in policies:
                policies[case.force] = {**STANDARD, **self._register.policies_of(case.force)}
            case.policies = policies[case.force]
            self._suppressions.hold_back(case, now, brought)
            case.advance(now)
            if case.unsaved:
                yield case
