"""The offence a position points to: the latest act or failure that the Act makes one."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from types import MappingProxyType

from domain.breaches import Judged
from domain.calendar import legal_day, start_of
from domain.findings import BreachJudgement, DutyKind, OffenceSuspected, Suspicion
from domain.history import happened
from domain.notification import Duty
from domain.offences import CATALOGUE, Offence
from domain.position import Position

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
    own_catalogue = regime.offence_of_breach == CATALOGUE[Offence.BREACH].provision
    for item in position.judged:
        if item.judgement is not None and item.judgement is not BreachJudgement.OUTSIDE_UK:
            yield happened(item.report), _breach(item, regime.offence_of_breach, own_catalogue)
    for duty in position.duties:
        if duty.missed and duty.kind is not DutyKind.DAPO_INITIAL:
            yield duty.window.deadline, _failure(duty, regime.offence_of_silence, own_catalogue)
    for finding in position.findings:
        if isinstance(finding, OffenceSuspected):
            entry = CATALOGUE[_SUSPICION_OFFENCE[finding.suspicion]]
            day = finding.first_day.isoformat()
            yield start_of(finding.first_day), {"provision": entry.provision, "first_day": day}


def _breach(item: Judged, provision: str, own_catalogue: bool) -> dict[str, str]:
    if not own_catalogue:
        return {"provision": provision}
    return {"provision": provision, "pnld": CATALOGUE[Offence.BREACH].pnld}


def _failure(duty: Duty, provision: str, own_catalogue: bool) -> dict[str, str]:
    if own_catalogue and duty.kind in _DUTY_OFFENCE:
        provision = CATALOGUE[_DUTY_OFFENCE[duty.kind]].provision
    return {"provision": provision, "first_day": legal_day(duty.window.deadline).isoformat()}
