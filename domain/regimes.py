"""Regime packs: where the three kinds of order differ, as data."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class ClockStart(StrEnum):
    """What the three days of the initial notification begin with."""

    SERVICE = "date_of_service"  # Stalking Protection Act 2019 s.9(1)
    IN_FORCE = "date_order_comes_into_force"  # Protection from Stalking Act (NI) 2022 s.14(1)
    MADE = "date_order_made"  # Domestic Abuse Act 2021 s.41(2)


class Reach(StrEnum):
    """Where an act can break the order."""

    UK = "UK"
    UK_AND_RESIDENTS_ABROAD = "UK plus everywhere for residents"


@dataclass(frozen=True, slots=True)
class Regime:
    """One Act's parameters; `name` is stored in every envelope as the law a decision was under."""

    name: str
    clock_start: ClockStart
    notification_days: int
    minimum_years: int | None
    minimum_binds_each_condition: bool
    early_discharge_years: int | None
    reach: Reach
    stations: frozenset[str]
    commenced_on: date
    awareness_excuses: bool
    duty_on_losing_home: bool
    interim_outlives_refusal_days: int
    offence_of_breach: str
    offence_of_silence: str
    anyone_may_apply: bool = False
    summary_months: int | None = None
    """A summary maximum of its own, in months; None where the general limit applies."""


_HOME_AREA_STATIONS = frozenset({"home_address_area", "old_home_area", "court_area"})

EW_SPA_2019 = Regime(
    name="EW-SPA-2019",
    clock_start=ClockStart.SERVICE,
    notification_days=3,
    minimum_years=2,
    minimum_binds_each_condition=False,
    early_discharge_years=2,
    reach=Reach.UK,
    stations=_HOME_AREA_STATIONS,
    commenced_on=date(2020, 1, 20),  # S.I. 2020/26 reg. 2
    awareness_excuses=False,
    duty_on_losing_home=False,
    interim_outlives_refusal_days=0,
    offence_of_breach="SPA 2019 s.8(1)",
    offence_of_silence="SPA 2019 s.11(1)(a)",
)

NI_PSA_2022 = Regime(
    name="NI-PSA-2022",
    clock_start=ClockStart.IN_FORCE,
    notification_days=3,
    minimum_years=2,
    minimum_binds_each_condition=True,
    early_discharge_years=2,
    reach=Reach.UK_AND_RESIDENTS_ABROAD,
    stations=frozenset({"prescribed_station_ni"}),
    commenced_on=date(2022, 4, 27),
    awareness_excuses=False,
    duty_on_losing_home=False,
    # s.11(10): an interim order outlives the refusal until the time for appeal is over. The length
    # of that time is court practice, not in the Act: confirm with the court office.
    interim_outlives_refusal_days=21,
    offence_of_breach="PSA(NI) 2022 s.13(1)",
    offence_of_silence="PSA(NI) 2022 s.16(1)(a)",
    summary_months=6,
)

EW_DAPO_2021 = Regime(
    name="EW-DAPO-2021",
    clock_start=ClockStart.MADE,
    notification_days=3,
    minimum_years=None,
    minimum_binds_each_condition=False,
    early_discharge_years=None,
    reach=Reach.UK,
    stations=_HOME_AREA_STATIONS,
    commenced_on=date(2021, 4, 29),
    awareness_excuses=True,  # s.39(2): an order made without notice binds from when he knows of it
    duty_on_losing_home=True,  # s.41(6)
    interim_outlives_refusal_days=0,
    offence_of_breach="DA 2021 s.39(1)",
    offence_of_silence="DA 2021 s.43(1)(a)",
    anyone_may_apply=True,  # s.28: police, the victim, others; s.31: the court itself
)

REGIMES = MappingProxyType({pack.name: pack for pack in (EW_SPA_2019, NI_PSA_2022, EW_DAPO_2021)})

ROUTES_NEEDING_COMMENCEMENT = MappingProxyType(
    {"conviction": "spo_on_conviction", "acquittal": "spo_on_acquittal"}
)
"""Order origins that only a commenced provision of the Crime and Policing Act 2026 opens."""
