"""Whose an order is that somebody's report opened: the court's facts say it, and a report does not."""

from domain.events import Event
from domain.facts import Fact
from domain.facts.court import (
    ApplicationMade,
    DAPOMade,
    FullOrderGranted,
    InterimOrderGranted,
)
from domain.facts.words import ShortText
from domain.regimes import EW_DAPO_2021

_OF_THE_COURT = (ApplicationMade, FullOrderGranted, InterimOrderGranted)


class DefendantIdentified(Event):
    """The court's facts said who the order is against, and whose it is; a report had it otherwise.

    Who it is stands in the envelope. `not_theirs` are the versions of the facts on this order that were
    of the person the report had named: they stay on record and no longer count here.
    """

    TOPIC = "spo.defendant-identified.v1"
    force: ShortText
    not_theirs: tuple[int, ...] = ()


def of_the_court(kind: type[Fact], regime: str) -> bool:
    """Whether facts of that kind begin an order under that regime: whom they name, it is against."""
    of_a_dapo = regime == EW_DAPO_2021.name and issubclass(kind, DAPOMade)
    return of_a_dapo or issubclass(kind, _OF_THE_COURT)
