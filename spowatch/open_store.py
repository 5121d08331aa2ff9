"""The opened log with everything that reads and writes it."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from domain.published import EventReader
from domain.register import OrderRegister
from spowatch.metrics.meters import Meters
from spowatch.metrics.reading import MeasuredReader
from spowatch.policy_file import Policy
from spowatch.settings.root import Settings
from spowatch.store.keys import KeyStore
from spowatch.store.mapper import EventMapper

if TYPE_CHECKING:
    from spowatch.store.log import Log


@dataclass(frozen=True, slots=True)
class Store:
    """What `wiring.opened` opened; whoever has it closes none of it."""

    settings: Settings
    log: "Log"
    keys: KeyStore
    mapper: EventMapper
    register: OrderRegister
    events: EventReader
    policy: Policy
    meters: Meters = field(default_factory=Meters)

    def of(self, role: str) -> "Store":
        """The same store as one role reads it, its reading measured."""
        return replace(self, events=MeasuredReader(self.events, self.meters.roles.of(role)))
