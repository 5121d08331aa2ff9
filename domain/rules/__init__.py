"""The preconditions of each fact: the rules that may refuse it, by the section they come from."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain.events import RecordedEvent
from domain.facts import Fact, breaches, court, notification, service
from domain.history import History, happened
from domain.refusals import REFUSALS, Refusal
from domain.rules import applications, discharge, enforcement, grants, interim, section_4, serving

Rule = Callable[[History, RecordedEvent[Any]], str | None]

_RULES: Mapping[type[Fact], Rule] = MappingProxyType(
    {
        court.ApplicationMade: applications.application,
        court.ApplicationWithdrawn: applications.pending,
        court.ApplicationRefused: applications.pending,
        court.InterimApplied: interim.applied,
        court.InterimOrderGranted: interim.granted,
        court.InterimRenewed: interim.changed,
        court.InterimVaried: interim.changed,
        court.InterimDischarged: interim.changed,
        court.InterimDischargeRefused: interim.changed,
        court.FullOrderGranted: grants.grant,
        court.OrderVaried: section_4.changed,
        court.OrderRenewed: section_4.changed,
        court.RenewalApplied: section_4.in_force,
        court.OrderDischarged: discharge.discharged,
        court.OrderInForce: serving.order_needed,
        court.AppealLodged: grants.appeal,
        court.AppealAllowed: grants.appeal_outcome,
        court.AppealDismissed: grants.appeal_outcome,
        service.OrderServed: serving.served,
        service.OrderPosted: serving.order_needed,
        service.ServiceCorrected: serving.corrected,
        service.VariedTermsServed: serving.order_needed,
        notification.BiometricsRefused: enforcement.biometrics,
        breaches.Charged: enforcement.charged,
        breaches.CourtOutcome: enforcement.outcome,
        breaches.BreachRetracted: enforcement.retracted,
    }
)
"""The rule of each fact that has one; every other fact is recorded as it is told."""


def refusal_of(recorded: RecordedEvent[Fact], history: History) -> Refusal | None:
    """Why the register refuses this fact, given what is known; None when it is lawful."""
    if history.died_at is not None and happened(recorded) > history.died_at:
        return REFUSALS["DEFENDANT_DEAD"]
    rule = _RULES.get(type(recorded.event))
    code = rule(history, recorded) if rule is not None else None
    return None if code is None else REFUSALS[code]
