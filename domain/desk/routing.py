"""Which forces an alert concerns: where it happened, whose order it is, where the person is now."""

from dataclasses import dataclass

from domain.facts.breaches import BreachReported
from domain.forces import find_force
from domain.history import History, home_on_record
from domain.places import locate


@dataclass(frozen=True, slots=True)
class Route:
    """The force that answers, and those that must know."""

    answers: str
    must_know: tuple[str, ...] = ()


def route(order_force: str, history: History, report: BreachReported | None) -> Route:
    """The force of the incident answers, where it is known; else the force of the order.

    A place outside England and Wales has no force here: the force of the order answers.
    """
    happened_in = _area(report.place) if report is not None else None
    lives_in = _area(home_on_record(history))
    answers = happened_in or order_force
    others = (order_force, lives_in)
    return Route(answers, tuple(dict.fromkeys(f for f in others if f and f != answers)))


def _area(place: str | None) -> str | None:
    found = locate(place) if place else None
    if found is None or not found.confirmed or found.area is None:
        return None
    force = find_force(found.area)
    return force.name if force is not None else None
