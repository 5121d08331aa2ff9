"""One order's life as it is told: its facts so far, and what bound the person when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from domain.calendar import LONDON, start_of
from spowatch.caseload.people import Person
from spowatch.caseload.terms import Condition

Fact = dict[str, Any]
FOR_EVER = datetime(2199, 1, 1, tzinfo=UTC)

_ACTORS = {
    "AddressVisit": "neighbourhood-officer",
    "AppointmentMissed": "programme-provider",
    "BiometricsRefused": "station-officer",
    "BiometricsRequested": "station-officer",
    "BreachReported": "control-room",
    "BreachRetracted": "control-room",
    "CustodyEnded": "custody-suite",
    "CustodyStarted": "custody-suite",
    "HomeAddressChanged": "offender-manager",
    "NameUsed": "offender-manager",
    "NotificationReceived": "station-officer",
    "OrderServed": "serving-officer",
    "ServiceCorrected": "serving-officer",
}


@dataclass(slots=True)
class Terms:
    """The terms that bound the person from `starts` until just before `ends`."""

    kind: str
    starts: datetime
    ends: datetime
    conditions: Sequence[Condition]
    replaces_interim: bool = False


@dataclass(slots=True)
class Story:
    """Facts may be told in any order and beyond `until`; `given` sorts and cuts them."""

    rng: Random
    order: str
    force: str
    person: Person
    until: datetime
    facts: list[Fact] = field(default_factory=list)
    terms: list[Terms] = field(default_factory=list)
    served_at: dict[str, datetime] = field(default_factory=dict)
    custody: list[tuple[datetime, datetime]] = field(default_factory=list)
    home: str = ""
    new_names: list[str] = field(default_factory=list)

    def tell(self, what: str, when: datetime, /, **data: Any) -> None:
        number = len(self.facts) + 1
        self.facts.append(
            {
                "t": _written(when),
                "type": what,
                "data": {key: _written(value) for key, value in data.items()},
                "actor": _ACTORS.get(what, "court-liaison"),
                "command_id": f"{self.order}#{number}",
            }
        )

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def fate(self, **shares: float) -> str:
        """One of the named fates by its share; "" for what the shares leave over."""
        drawn = self.rng.random()
        for name, share in shares.items():
            drawn -= share
            if drawn < 0:
                return name
        return ""

    def after(self, when: datetime, *, low: float, high: float) -> datetime:
        """An instant between `low` and `high` hours later, on a whole minute."""
        minutes = self.rng.randint(int(low * 60), int(high * 60))
        return when + timedelta(minutes=minutes)

    def on_day(self, day: date, *, opens: int = 9, closes: int = 17) -> datetime:
        """An instant in the opening hours of that day; London's clocks never change in them."""
        minutes = self.rng.randint(opens * 60, closes * 60 - 1)
        return _clock_time(day, minutes)

    def bound_at(self, when: datetime) -> Terms | None:
        return next((term for term in self.terms if term.starts <= when < term.ends), None)

    def in_custody_at(self, when: datetime) -> bool:
        return any(start <= when < end for start, end in self.custody)

    def served_by(self, when: datetime) -> bool:
        """Whether what binds the person at that instant had reached them by then."""
        terms = self.bound_at(when)
        return terms is not None and self.served_at.get(terms.kind, FOR_EVER) <= when

    def given(self) -> list[Fact]:
        known = [fact for fact in self.facts if known_at(fact) <= self.until]
        return sorted(known, key=known_at)


def end_terms(story: Story, ended: datetime) -> None:
    """Nothing binds the person from that instant on."""
    story.terms = [term for term in story.terms if term.starts < ended]
    for term in story.terms:
        term.ends = min(term.ends, ended)


def known_at(fact: Fact) -> datetime:
    """When it was recorded; the same instant as it happened unless the fact says otherwise."""
    return datetime.fromisoformat(fact["data"].get("recorded_at", fact["t"]))


def _clock_time(day: date, minutes: int) -> datetime:
    hour, minute = divmod(minutes, 60)
    midnight = start_of(day).astimezone(LONDON)
    return midnight.replace(hour=hour, minute=minute).astimezone(UTC)


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(LONDON).isoformat()
    return value.isoformat() if isinstance(value, date) else value
