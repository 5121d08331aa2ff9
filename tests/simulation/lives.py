"""What happens to a few people in the time, what is told of it and when, and what the law makes of that.

The law is reckoned once more here, from the calendar alone: three days of which the first is the day it
began, so it is too late at the London midnight that begins the fourth.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.faults.falling_due import midnight
from tests.simulation.clocks import START

_LONDON = ZoneInfo("Europe/London")
_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_TERMS = [{"code": "P-CONTACT-DIRECT"}, {"code": "P-ZONE-DIST", "metres": 200}]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened at `t` and is told at `told_at`, under an id that it keeps."""

    order: str
    kind: str
    t: datetime
    told_at: datetime
    number: int
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def command_id(self) -> str:
        return f"{self.order}/{self.number}"

    def raw(self) -> dict[str, Any]:
        told = {"recorded_at": self.told_at.isoformat()} if self.told_at != self.t else {}
        return {
            "t": self.t.isoformat(),
            "type": self.kind,
            "data": self.data | told,
            "command_id": self.command_id,
        }


@dataclass
class Life:
    """One order, as its facts come; every fact once, in the order of time."""

    rng: Random
    order: str
    facts: list[Fact] = field(default_factory=list)

    def _tell(self, kind: str, t: datetime, late: timedelta = timedelta(0), **data: Any) -> None:
        told_at = t + late
        self.facts.append(Fact(self.order, kind, t, told_at, len(self.facts), data))

    def live(self, days: int) -> list[Fact]:
        granted = START + self.rng.uniform(0, 0.5) * days * _DAY + _HOUR
        ends = START + days * _DAY
        self._court(granted)
        served = self._served(granted)
        self._notified(served, "1 Larch Road")
        if self.rng.random() < 0.35:
            moved = served + self.rng.uniform(6, 25) * _DAY
            self._tell("HomeAddressChanged", moved, self._delay(_DAY), to="2 Elm Row")
            self._notified(moved, "2 Elm Row")
        for number in range(self.rng.choice((0, 1, 1, 2, 3))):
            self._broken(served + self.rng.uniform(0.02, days * 0.5) * _DAY, number)
        told = sorted(self.facts, key=lambda each: (each.told_at, each.number))
        return [each for each in told if each.told_at < ends]

    def _court(self, granted: datetime) -> None:
        """High risk for some: then what they do is of priority 1."""
        risk = self.rng.choice(("standard", "high"))
        applied: dict[str, Any] = {
            "applicant": "chief_officer",
            "force": "Kent",
            "nexus": "resides",
        }
        named = {"name": "J Moss", "risk": risk}
        self._tell("ApplicationMade", granted - 10 * _MINUTE, defendant=named, **applied)
        self._tell(
            "FullOrderGranted",
            granted,
            until="further_order",
            defendant_present=False,
            conditions=_TERMS,
        )

    def _served(self, granted: datetime) -> datetime:
        """When it was in truth; some wrongly keyed a day early at first."""
        keyed = granted + self.rng.uniform(0.02, 1.0) * _DAY
        how = {"order_kind": "full", "replaces_interim": False, "method": "in_person"}
        self._tell("OrderServed", keyed, self._delay(6 * _HOUR), **how)
        if self.rng.random() >= 0.15:
            return keyed
        true = keyed + _DAY
        put_right = max(true + _HOUR, keyed + self.rng.uniform(1.2, 6) * _DAY)
        self._tell("ServiceCorrected", put_right, served_at=true.isoformat())
        return true

    def _notified(self, since: datetime, address: str) -> None:
        """Mostly in time, some told only long after, some too late or never."""
        if self.rng.random() < 0.25:
            return
        came = since + self.rng.uniform(0.05, 2.3) * _DAY
        if self.rng.random() < 0.15:
            came = since + self.rng.uniform(4.1, 5.5) * _DAY
        late = self.rng.uniform(1, 6) * _DAY if self.rng.random() < 0.3 else timedelta(0)
        home = {"station_area": "home_address_area", "names": ["J Moss"], "home_address": address}
        self._tell("NotificationReceived", came, late, **home)

    def _broken(self, at: datetime, number: int) -> None:
        """Reported within minutes or days; some reports are of a mistake."""
        reported = at + (self.rng.uniform(1, 5) * _DAY if self.rng.random() < 0.2 else 12 * _MINUTE)
        incident = f"{self.order}/I-{number}"
        what: dict[str, Any] = {
            "occurred_at": at.isoformat(),
            "condition": self.rng.choice(("P-CONTACT-DIRECT", "P-CONTACT-DIRECT", "P-ZONE-DIST")),
            "incident": incident,
            "source": "victim",
            "markers": self.rng.choice(([], [], ["weapon"])),
        }
        self._tell("BreachReported", reported, **what)
        if self.rng.random() < 0.15:
            taken_back = reported + self.rng.uniform(0.1, 30) * _HOUR
            self._tell("BreachRetracted", taken_back, incident=incident, reason="wrong_person")

    def _delay(self, most: timedelta) -> timedelta:
        return self.rng.random() * most if self.rng.random() < 0.2 else timedelta(0)


def lives(seed: int, days: int, orders: int) -> Iterator[Fact]:
    """Everything that will be told, in no order."""
    for number in range(orders):
        rng = Random(f"life/{seed}/{number}")
        yield from Life(rng, f"KENT/{seed}/{number}").live(days)


@dataclass
class Reckoning:
    """What must stand on one order, by what is on record of it so far."""

    facts: list[Fact] = field(default_factory=list)
    _windows: list[tuple[datetime, datetime]] = field(default_factory=list)
    _notified: list[datetime] = field(default_factory=list)

    def learn(self, fact: Fact) -> None:
        self.facts.append(fact)
        self._windows = [(began, _too_late_from(began)) for began in self._triggers()]
        self._notified = [each.t for each in self.facts if each.kind == "NotificationReceived"]

    def missed(self, shown: datetime) -> set[datetime]:
        """The instants from which a notification is missing, as it stands now."""
        past = ((began, due) for began, due in self._windows if due <= shown)
        return {due for began, due in past if not any(began <= t < due for t in self._notified)}

    def broken(self) -> set[str]:
        reported = {f.data["incident"] for f in self.facts if f.kind == "BreachReported"}
        return reported - {f.data["incident"] for f in self.facts if f.kind == "BreachRetracted"}

    def next_due(self, shown: datetime) -> datetime | None:
        return min((due for _, due in self._windows if due > shown), default=None)

    def _triggers(self) -> Iterator[datetime]:
        put_right = [each for each in self.facts if each.kind == "ServiceCorrected"]
        if put_right:
            yield datetime.fromisoformat(put_right[-1].data["served_at"])
        else:
            yield from (each.t for each in self.facts if each.kind == "OrderServed")
        yield from (each.t for each in self.facts if each.kind == "HomeAddressChanged")


def _too_late_from(began: datetime) -> datetime:
    return midnight(began.astimezone(_LONDON).date() + 3 * _DAY)
