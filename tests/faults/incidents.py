"""The facts that are fed to the system under fire: invented lives of orders, short and eventful."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

TOPICS = {
    "ApplicationMade": "spo.application-made.v1",
    "FullOrderGranted": "spo.full-order-granted.v1",
    "OrderServed": "spo.order-served.v1",
    "BreachReported": "spo.breach-reported.v1",
    "BreachRetracted": "spo.breach-retracted.v1",
    "NotificationReceived": "spo.notification-received.v1",
    "BiometricsRequested": "spo.biometrics-requested.v1",
    "BiometricsRefused": "spo.biometrics-refused.v1",
    "CustodyStarted": "spo.custody-started.v1",
}
_TERM = "P-CONTACT-DIRECT"
_DAY = timedelta(days=1)
_OFTEN = 40
SOON = 4.0
"""Seconds until the last deadline that a fact sets in the near future."""


@dataclass(frozen=True, slots=True)
class Told:
    """One fact to feed, and the finding that must come of it, if one must."""

    fact: dict[str, Any]
    must_find: str | None = None

    @property
    def command_id(self) -> str:
        return str(self.fact["command_id"])

    @property
    def order(self) -> str:
        return str(self.fact["order"])

    @property
    def topic(self) -> str:
        return TOPICS[self.fact["type"]]

    @property
    def incident(self) -> str | None:
        return self.fact["data"].get("incident") if self.fact["type"] == "BreachReported" else None


def lives(name: str, rng: Random) -> Iterator[Told]:
    """Person after person, without end. Each fact is told of the moment it is asked for."""
    for number in count(1):
        yield from _Person(f"{name}-{number}", rng).life()


def plain_lives(name: str, rng: Random) -> Iterator[Told]:
    """The same without anything the law refuses or takes back, for whoever hears no answer."""
    for number in count(1):
        yield from _Person(f"{name}-{number}", rng).plain_life()


def broken_often(name: str, rng: Random) -> Iterator[Told]:
    """Person after person, each of whom breaches one order again and again; few of it is taken back."""
    for number in count(1):
        yield from _Person(f"{name}-{number}", rng).broken_often()


class _Person:
    def __init__(self, name: str, rng: Random) -> None:
        self._name = name
        self._rng = rng
        self._told = count(1)

    def life(self) -> Iterator[Told]:
        """One order or two; each is made, mostly served, broken, and now and then taken back."""
        orders = [f"{self._name}/{place}" for place in range(1, 3 if self._chance(0.3) else 2)]
        for order in orders:
            yield from self._rng.choice(_BEGINNINGS)(self, order)
        for order in orders * self._rng.randint(1, 2):
            yield from self._breach(order)
        if self._chance(0.3):
            yield self._tell(orders[0], "CustodyStarted", _now(), kind="remand")
            yield from self._breach(orders[-1])
        if self._chance(0.3):
            yield from self._refusal_at_the_station(orders[0])
        if self._chance(0.15):
            yield self._apply(orders[-1], _now())  # refused: one application to a reference

    def plain_life(self) -> Iterator[Told]:
        order = f"{self._name}/1"
        yield from self.in_good_order(order)
        for _ in range(3):
            yield from self._breach(order, taken_back=0.0)

    def broken_often(self) -> Iterator[Told]:
        order = f"{self._name}/1"
        yield from self.in_good_order(order)
        for _ in range(_OFTEN):
            yield from self._breach(order, taken_back=0.02)

    def missed(self, order: str) -> Iterator[Told]:
        """Served six days ago and nothing notified: three days too late, and nobody said so yet."""
        served = _now() - 6 * _DAY
        yield from self._make(order, served - 2 * _DAY)
        yield self._tell(order, "OrderServed", served, must_find="spo.notification-missed.v1")

    def notified_late(self, order: str) -> Iterator[Told]:
        """As missed, but a visit in time comes to light now: the alert is withdrawn."""
        yield from self.missed(order)
        visit = _now() - 5 * _DAY
        # Under this order only: it must not meet the duty under the person's other one.
        yield self._notify(order, visit, recorded_at=_now().isoformat(), order_ref=order)

    def unserved(self, order: str) -> Iterator[Told]:
        """Made a day ago less a few seconds: service is chased while the run goes on."""
        left = timedelta(seconds=self._rng.uniform(0.5, SOON))
        yield from self._make(order, _now() - _DAY + left)

    def in_good_order(self, order: str) -> Iterator[Told]:
        served = _now() - timedelta(hours=3)
        yield from self._make(order, served - _DAY)
        yield self._tell(order, "OrderServed", served)
        yield self._notify(order, served + timedelta(hours=1))

    def _make(self, order: str, granted: datetime) -> Iterator[Told]:
        yield self._apply(order, granted - 20 * _DAY)
        terms = [{"code": _TERM}, {"code": "P-APPROACH", "metres": 100}]
        yield self._tell(
            order, "FullOrderGranted", granted, until="further_order", conditions=terms
        )

    def _apply(self, order: str, at: datetime) -> Told:
        named = {"applicant": "chief_officer", "force": "Kent", "nexus": "resides"}
        return self._tell(order, "ApplicationMade", at, **named)

    def _notify(self, order: str, at: datetime, **more: Any) -> Told:
        home = {"station_area": "home_address_area", "home_address": "1 Larch Road, Dover"}
        return self._tell(order, "NotificationReceived", at, names=["J Moss"], **home, **more)

    def _breach(self, order: str, taken_back: float = 0.2) -> Iterator[Told]:
        now = _now()
        incident = f"{order}#{next(self._told)}"
        yield self._tell(
            order,
            "BreachReported",
            now,
            must_find="spo.breach-recorded.v1",
            occurred_at=(now - timedelta(minutes=self._rng.randint(1, 40))).isoformat(),
            condition=_TERM,
            incident=incident,
            narrative="Rang four times in the night.",
        )
        if self._chance(taken_back):
            yield self._tell(order, "BreachRetracted", _now(), incident=incident)

    def _refusal_at_the_station(self, order: str) -> Iterator[Told]:
        asked: dict[str, Any] = {"kinds": ["fingerprints"], "purpose": "verify_identity"}
        yield self._tell(order, "BiometricsRequested", _now(), **asked)
        refused = "spo.offence-suspected.v1"
        yield self._tell(order, "BiometricsRefused", _now(), must_find=refused)

    def _tell(
        self, order: str, type_: str, at: datetime, must_find: str | None = None, **data: Any
    ) -> Told:
        return Told(
            {
                "t": at.isoformat(),
                "type": type_,
                "data": data,
                "order": order,
                "person": self._name,
                "force": "Kent",
                "command_id": f"{self._name}:{next(self._told)}",
            },
            must_find,
        )

    def _chance(self, probability: float) -> bool:
        return self._rng.random() < probability


_BEGINNINGS: tuple[Callable[[_Person, str], Iterator[Told]], ...] = (
    _Person.missed,
    _Person.missed,
    _Person.notified_late,
    _Person.unserved,
    _Person.in_good_order,
)


def _now() -> datetime:
    return datetime.now(UTC)
