"""Which forces an alert concerns: where it happened, and whose order it is.

Where the person lives is not asked: what was notified is never opened for the sake of an alert.
"""

from dataclasses import dataclass

from domain.facts.breaches import BreachReported
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
