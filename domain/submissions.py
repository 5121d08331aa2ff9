"""Facts for one order as they are handed to the register, and at which version they are meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.facts import Fact
from domain.facts.breaches import REPORTS, AppointmentMissed, BreachReported
from domain.facts.court import (
    ApplicationMade,
    DAPOMade,
    ExistingOrder,
    FullOrderGranted,
    InterimOrderGranted,
    RegimeSwitch,
)
from domain.forces import find_force
from domain.orders import OrderOpened
from domain.regimes import EW_DAPO_2021, EW_SPA_2019
from domain.subjects import OF_THE_PERSON
from domain.vocabulary import Statement

_OPENS_A_RECORD = (
    ApplicationMade,
    FullOrderGranted,
    InterimOrderGranted,
    BreachReported,
    AppointmentMissed,
)
"""What may be the first word of an order. A breach reported under a reference nobody knows is kept
and put before a person: the order may only not have been entered yet."""

_MAY_COME_BEFORE: tuple[type[Fact], ...] = (*OF_THE_PERSON, ExistingOrder, RegimeSwitch)
"""What may be told before the order it bears on, where both are told at once: were an exemption from
notification lost, somebody would be sent to arrest for a duty that is not owed."""


def opens_a_record(kind: type[Fact], regime: str = EW_SPA_2019.name) -> bool:
    """Whether a fact of that kind may be the first word of an order under that regime."""
    of_a_dapo = regime == EW_DAPO_2021.name and issubclass(kind, DAPOMade)
    return of_a_dapo or issubclass(kind, _OPENS_A_RECORD)


def of_another_force(statement: Statement, force: str) -> bool:
    """The court facts of an order come from the force that applied for it."""
    if not statement.force or not force or not opens_a_record(type(statement.fact)):
        return False
    if isinstance(statement.fact, REPORTS):
        return False
    return find_force(statement.force) is not find_force(force)


@dataclass(frozen=True, slots=True)
class Submission:
    """Facts for one order reference, to be decided together and saved in one transaction."""

    reference: str
    statements: Sequence[Statement]
    force: str = ""
    person: str | None = None
    regime: str = EW_SPA_2019.name
    history_assumed: bool = False
    at_version: int | None = None
    """The order's version these are meant for; at another one nothing is decided."""

    def opens_at(self, statement: Statement) -> bool:
        """Whether a record of the order may begin with `statement`, one of these."""
        if self._is_first_word(statement):
            return True
        before = isinstance(statement.fact, _MAY_COME_BEFORE)
        return before and any(map(self._is_first_word, self.statements))

    def opening(self, statement: Statement) -> OrderOpened:
        """What a record of the order begins with, where `statement` is its first word."""
        return OrderOpened(
            reference=self.reference,
            force=self.force_of(statement),
            regime=self.regime,
            history_assumed=self.history_assumed,
        )

    def force_of(self, statement: Statement) -> str:
        """The force of an order whose record begins with `statement`, by its name where it is one."""
        stated = self.force or str(getattr(statement.fact, "force", statement.force))
        force = find_force(stated)
        return stated if force is None else force.name

    def _is_first_word(self, statement: Statement) -> bool:
        return opens_a_record(type(statement.fact), self.regime)


class OrderChanged(Exception):
    """The order is not at the version the facts were meant for; nothing was done."""

    def __init__(self, version: int) -> None:
        super().__init__(str(version))
        self.version = version
