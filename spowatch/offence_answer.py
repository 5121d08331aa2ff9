"""The offence a position points to: the latest act or failure that the Act makes one."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from types import MappingProxyType

from domain.calendar import legal_day, start_of
from domain.findings import BreachJudgement, DutyKind, OffenceSuspected, Suspicion
from domain.history import happened
from domain.offences import CATALOGUE, Offence
from domain.position import Position
from domain.regimes import EW_SPA_2019, Regime

_DUTY_OFFENCE = MappingProxyType(
    {
        DutyKind.INITIAL: Offence.INITIAL,
        DutyKind.NAME: Offence.NAME,
        DutyKind.ADDRESS: Offence.ADDRESS,
    }
)
_SUSPICION_OFFENCE = MappingProxyType(
    {
        Suspicion.BIOMETRICS_REFUSED: Offence.BIOMETRICS,
        Suspicion.FALSE_NOTIFICATION: Offence.FALSE_INFORMATION,
    }
)


def offence_answer(positions: Iterable[Position]) -> dict[str, str] | None:
    """Provision, with PNLD code for a breach and with the first day of failure otherwise."""
    found = [entry for position in positions for entry in _offences(position)]
    return max(found, key=lambda entry: entry[0])[1] if found else None


def _offences(position: Position) -> Iterator[tuple[datetime, dict[str, str]]]:
    regime = position.history.regime
    for item in position.judged:
        breach = item.breach
        if breach is not None and breach.judgement is not BreachJudgement.OUTSIDE_UK:
            yield happened(item.report), _breach(regime)
    for duty in position.duties:
        if duty.missed and duty.kind is not DutyKind.DAPO_INITIAL:
            first_day = legal_day(duty.window.deadline).isoformat()
            provision = _silence(duty.kind, regime)
            yield duty.window.deadline, {"provision": provision, "first_day": first_day}
    for finding in position.findings:
        if isinstance(finding, OffenceSuspected):
            entry = CATALOGUE[_SUSPICION_OFFENCE[finding.suspicion]]
            day = finding.first_day.isoformat()
            yield start_of(finding.first_day), {"provision": entry.provision, "first_day": day}


def _breach(regime: Regime) -> dict[str, str]:
    if regime is not EW_SPA_2019:
        return {"provision": regime.offence_of_breach}
    return {
        "provision": regime.offence_of_breach,
        "pnld": CATALOGUE[Offence.BREACH].pnld,
    }


def _silence(kind: DutyKind, regime: Regime) -> str:
    offence = _DUTY_OFFENCE.get(kind)
    if regime is EW_SPA_2019 and offence is not None:
        return CATALOGUE[offence].provision
    return regime.offence_of_silence
