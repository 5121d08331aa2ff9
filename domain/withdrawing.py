"""Why a finding no longer stands."""

from domain.events import Event, RecordedEvent
from domain.facts import Fact
from domain.facts.breaches import BreachRetracted
from domain.facts.notification import NotificationReceived
from domain.facts.person import DefendantDied
from domain.facts.service import ServiceCorrected
from domain.findings import ConcernRaised, WithdrawalReason

_REASONS: tuple[tuple[type[Fact], WithdrawalReason], ...] = (
    (DefendantDied, WithdrawalReason.DEFENDANT_DIED),
    (BreachRetracted, WithdrawalReason.REPORT_RETRACTED),
    (ServiceCorrected, WithdrawalReason.SERVICE_CORRECTED),
    (NotificationReceived, WithdrawalReason.COMPLIED_IN_TIME),
)


def why_gone(finding: Event, because: RecordedEvent | None) -> WithdrawalReason:
    """`because` is what was told; None when time alone took it away."""
    if isinstance(finding, ConcernRaised):
        return WithdrawalReason.OVER
    cause = None if because is None else because.event
    reasons = (reason for kind, reason in _REASONS if isinstance(cause, kind))
    return next(reasons, WithdrawalReason.LATE_KNOWLEDGE)
