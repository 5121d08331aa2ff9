"""Looking back by two clocks: an order as it was at one moment, as it was known at another.

The first clock is when things happened, the second when the police knew of them. What is known only
later changes what is concluded of the past, and never what was concluded then.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from domain.arranging import history_of
from domain.events import RecordedEvent
from domain.facts.breaches import BreachRetracted
from domain.facts.notification import NotificationFoundFalse
from domain.facts.service import ServiceCorrected
from domain.history import happened
from domain.orders import StalkingProtectionOrder
from domain.position import Position, position_of

_CORRECTS = (ServiceCorrected, BreachRetracted, NotificationFoundFalse)
"""What says anew how something before it had been."""


def known_by(
    identity: UUID, recorded: Iterable[RecordedEvent], instant: datetime
) -> StalkingProtectionOrder:
    """The order as the register had it at `instant`: what became known later left out."""
    past = StalkingProtectionOrder(identity)
    past.fold(each for each in recorded if each.envelope.recorded_at <= instant)
    return past


def as_it_was(order: StalkingProtectionOrder, at: datetime) -> Position:
    """Where it stood at `at` on everything `order` knows of what had happened by then."""
    facts = [f for f in order.facts if happened(f) <= at or isinstance(f.event, _CORRECTS)]
    return position_of(history_of(facts, order.regime), at)
