"""Puts facts in their order of occurrence: what a `History` is built by, anew for each judgement."""

from collections.abc import Iterable
from datetime import datetime
from types import MappingProxyType

from domain.arranging import court as court_places
from domain.arranging import person as person_places
from domain.events import Event, RecordedEvent
from domain.facts import breaches, court, service
from domain.history import History
from domain.regimes import Regime

PLACES = MappingProxyType({**court_places.PLACES, **person_places.PLACES})
"""How each fact is placed, in the order that facts of one instant are read."""

_CHANGES_NOTHING = (
    court.InterimApplied,
    court.InterimDischargeRefused,
    service.OrderPosted,
    breaches.CourtOutcome,
)
_RANK: dict[type, int] = {kind: rank for rank, kind in enumerate((*PLACES, *_CHANGES_NOTHING))}


def history_of(facts: Iterable[RecordedEvent], regime: Regime) -> History:
    """The history the `facts` make, whatever order they are given in."""
    history = History(regime)
    for recorded in sorted(facts, key=_by_occurrence):
        place = PLACES.get(type(recorded.event))
        if place is not None:
            place(history, recorded, recorded.event)
    return history


def _by_occurrence(recorded: RecordedEvent) -> tuple[datetime, int, int]:
    return (
        recorded.envelope.occurred_at,
        rank_of(recorded.event),
        recorded.originator_version,
    )


def rank_of(fact: Event) -> int:
    """Which of two facts of one instant is read first: an order is made before it is served."""
    return _RANK[type(fact)]
