"""Which action of the access table states a fact: by the trade the fact belongs to."""

from types import MappingProxyType

from domain.access import Action
from domain.facts import Fact, breaches, court, managing, notification, person, service

_BY_TRADE = MappingProxyType(
    {
        court.__name__: Action.RECORD_COURT,
        service.__name__: Action.RECORD_SERVICE,
        notification.__name__: Action.RECORD_NOTIFICATION,
        breaches.__name__: Action.RECORD_COURT,
        managing.__name__: Action.RECORD_MANAGEMENT,
        person.__name__: Action.RECORD_MANAGEMENT,
    }
)


def action_of(kind: type[Fact]) -> Action:
    """What somebody must be allowed to do in order to state it."""
    if issubclass(kind, breaches.REPORTS):
        return Action.RECORD_BREACH
    if kind is breaches.BreachRetracted:
        return Action.RETRACT_BREACH
    return _BY_TRADE[kind.__module__]
