"""Offences, their codes, and the most a court may give, by date."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class Offence(StrEnum):
    """Offences under the Act, named as a charge names them."""

    BREACH = "s8"
    INITIAL = "s11_initial"
    NAME = "s11_name"
    ADDRESS = "s11_address"
    BIOMETRICS = "s11_biometrics"
    FALSE_INFORMATION = "s11_false"


@dataclass(frozen=True, slots=True)
class OffenceEntry:
    """One line of the catalogue; codes are PNLD's of 20 January 2020."""

    provision: str
    pnld: str
    wording: str


CATALOGUE = MappingProxyType(
    {
        Offence.BREACH: OffenceEntry(
            "SPA 2019 s.8(1)", "H20164", "breach of a stalking protection order"
        ),
        Offence.INITIAL: OffenceEntry(
            "SPA 2019 s.11(1)(a)", "H20165", "failure to notify names and home address"
        ),
        Offence.NAME: OffenceEntry(
            "SPA 2019 s.11(1)(a) via s.9(3)", "H20166", "failure to notify a new name"
        ),
        Offence.ADDRESS: OffenceEntry(
            "SPA 2019 s.11(1)(a) via s.9(4)", "H20167", "failure to notify a new home address"
        ),
        Offence.BIOMETRICS: OffenceEntry(
            "SPA 2019 s.11(1)(a) via s.10(5)", "H20168", "refusing fingerprints or photographs"
        ),
        Offence.FALSE_INFORMATION: OffenceEntry(
            "SPA 2019 s.11(1)(b)", "H20169", "notifying what is known to be false"
        ),
    }
)

NOT_ONCE_ONLY = frozenset({Offence.BREACH})
"""Each breach is its own offence; each failure to notify is prosecuted once (s.11(5))."""

MAX_INDICTMENT_YEARS = 5  # ss.8(2)(b) and 11(2)(b)

_GENERAL_LIMIT_APPLIES_TO_OFFENCES_FROM = date(2022, 5, 2)  # ss.8(3) and 11(7)
_GENERAL_LIMIT_BY_CONVICTION_DATE = (
    # Sentencing Act 2020 s.224. 30 March 2023 is from general knowledge; PNLD says March 2023.
    (date(2024, 11, 18), 12),
    (date(2023, 3, 30), 6),
    (date(2022, 5, 2), 12),
)


def max_summary_months(offence_on: date, convicted_on: date) -> int:
    """The general limit in a magistrates' court for this offence and conviction, in months."""
    if offence_on < _GENERAL_LIMIT_APPLIES_TO_OFFENCES_FROM:
        return 6
    return next(
        (limit for since, limit in _GENERAL_LIMIT_BY_CONVICTION_DATE if convicted_on >= since), 6
    )
