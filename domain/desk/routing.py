"""Which forces an alert concerns: where it happened, whose order it is, where the person lives.

The first two stand in the alert from the start. The third is looked up after it was raised: what was
notified is never opened for the sake of an alert, so that nothing in it can hold one up.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from domain.events import Event, RecordedEvent, Stream, done_at
from domain.facts.breaches import BreachReported
from domain.facts.words import ShortText
from domain.forces import find_force
from domain.places import locate


@dataclass(frozen=True, slots=True)
class Route:
    """The force that answers, and those that must know."""

    answers: str
    must_know: tuple[str, ...] = ()


def route(order_force: str, report: BreachReported | None) -> Route:
    """The force of the incident answers, where it is known; else the force of the order.

    A place outside England and Wales has no force here: the force of the order answers.
    """
    happened_in = _area(report.place) if report is not None else None
    answers = happened_in or order_force
    return Route(answers, (order_force,) if answers != order_force else ())


def _area(place: str | None) -> str | None:
    found = locate(place) if place else None
    if found is None or not found.confirmed or found.area is None:
        return None
    force = find_force(found.area)
    return force.name if force is not None else None


class HomeForceFound(Event):
    """The person lives in the area of a force that the alert does not name: it must know too."""

    TOPIC = "spo.alert-home-force-found.v1"
    alert_id: UUID
    force: ShortText


def home_force_stream(alert: UUID) -> UUID:
    """Not the alert's own: nothing done at the desk is in its way, and it in nobody's."""
    return uuid5(alert, "home-force")


@dataclass(slots=True)
class HomeForce(Stream):
    """The force of the area where the person of one alert lives. It is looked up once."""

    found: HomeForceFound | None = None

    def find(self, alert: UUID, force: str, now: datetime) -> None:
        if self.version == 0:
            at = done_at(now, actor="routing", role="episodes")
            self._record(HomeForceFound(alert_id=alert, force=force), at)

    def apply(self, recorded: RecordedEvent) -> None:
        event = recorded.event
        self.found = event if isinstance(event, HomeForceFound) else None


def force_of_home(home: str | None) -> str | None:
    """None where it is not known, or in no area of ours."""
    return _area(home)
