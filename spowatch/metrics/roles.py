"""What every role counts alike: events handled, how long that took, faults, and whether it is at work."""

from collections.abc import Iterator
from time import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from spowatch.health import Vitals

HANDLING = (0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 30)
"""Seconds for a batch."""


class RoleMeter:
    """One role's share, its label looked up once."""

    def __init__(self, meters: "RoleMeters", role: str) -> None:
        self.events = meters.events.labels(role)
        self.handling = meters.handling.labels(role)
        self.position = meters.position.labels(role)
        self.repeats = meters.repeats.labels(role)
        self.faults = meters.faults.labels(role)


class RoleMeters:
    """A label is a role's name, and a lane's the name of a receiver in the settings: few, and no person."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.events = Counter(
            "spo_role_events", "Events of the log a role has read", ["role"], registry=registry
        )
        self.repeats = Counter(
            "spo_role_repeats",
            "Events handed to a role a second time, whose effect was suppressed",
            ["role"],
            registry=registry,
        )
        self.handling = Histogram(
            "spo_role_handling_seconds",
            "Time from reading some events until a role asks for more",
            ["role"],
            buckets=HANDLING,
            registry=registry,
        )
        self.position = Gauge(
            "spo_role_position",
            "Position of the log up to which a role has read",
            ["role"],
            registry=registry,
        )
        self.faults = Counter(
            "spo_role_faults",
            "Turns of a role that ended with a fault",
            ["role"],
            registry=registry,
        )
        self._children: dict[str, RoleMeter] = {}

    def of(self, role: str) -> RoleMeter:
        """Made with all its series at zero, so that the first fault is an increase."""
        if role not in self._children:
            self._children[role] = RoleMeter(self, role)
        return self._children[role]


class VitalSigns(Collector):
    """Health as metrics, told when asked: nothing runs for it in between."""

    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals

    def collect(self) -> Iterator[GaugeMetricFamily]:
        stalled = {each.role for each in self._vitals.stalled() if each.is_trouble}
        at_fault = GaugeMetricFamily(
            "spo_role_stalled",
            "Whether a role stands still, fails or does not come up: 1 if so",
            labels=["role"],
        )
        turned = GaugeMetricFamily(
            "spo_role_last_turn_timestamp_seconds",
            "When a role's loop last came round",
            labels=["role"],
        )
        now = time()
        for role in self._vitals.roles():
            at_fault.add_metric([role], float(role in stalled))
            turned.add_metric([role], now - self._vitals.since_turn(role))
        yield at_fault
        yield turned
