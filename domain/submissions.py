"""Facts for one order as they are handed to the register, and at which version they are meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.regimes import EW_SPA_2019
from domain.vocabulary import Statement


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


class OrderChanged(Exception):
    """The order is not at the version the facts were meant for; nothing was done."""

    def __init__(self, version: int) -> None:
        super().__init__(str(version))
        self.version = version
