"""Breaking the glass: a record of another force is opened for an hour, its owners are told in the same moment."""

from dataclasses import dataclass
from uuid import UUID

from domain.alerts import AlertCode, AlertRaised, AlertWithdrawn, ArrestAlert, Priority, alert_id
from domain.case_access import (
    OPEN_FOR,
    REVIEW_WITHIN,
    CaseAccess,
    GlassBroken,
    GlassReviewed,
    OfficerLinked,
    case_access_stream,
)
from domain.events import Envelope, event_id
from domain.findings import WithdrawalReason
from domain.orders import StalkingProtectionOrder
from domain.races import retried
from domain.register import OrderRegister

RULE = "glass_broken"


class NobodysCase(LookupError):
    """The order is about nobody on record: it was never opened."""


@dataclass(frozen=True, slots=True)
class AccessDesk:
    """One method for each thing that is put on record about access to a case."""

    register: OrderRegister

    def of(self, order: StalkingProtectionOrder) -> CaseAccess:
        """What is on record of access to the case of that order's subject. Raises `NobodysCase`."""
        if order.subject_id is None:
            raise NobodysCase(order.id)
        return self.register.read(CaseAccess(case_access_stream(order.subject_id)))

    def break_glass(self, order: StalkingProtectionOrder, reason: str, by: Envelope) -> None:
        """Open it to that person, and put an alert before its owners, in one transaction."""
        broken = GlassBroken(
            staff=by.actor,
            force=by.force,
            reference=order.reference,
            owner=order.force,
            reason=reason,
            open_until=by.recorded_at + OPEN_FOR,
            review_by=by.recorded_at + REVIEW_WITHIN,
        )

        def attempt() -> None:
            access = self.of(order)
            cause = event_id(access.id, access.break_glass(broken, by))
            if access.unsaved:
                alert = ArrestAlert(alert_id(cause, RULE))
                alert.raise_(_alert(order, broken, cause, by), by)
                self.register.keep([access, alert])

        retried(attempt)

    def review(self, order: StalkingProtectionOrder, reviewed: GlassReviewed, by: Envelope) -> None:
        """Judge it, and take the alert from the board. Judged before, nothing is done."""

        def attempt() -> None:
            access = self.of(order)
            if access.review(reviewed, by):
                cause = event_id(access.id, reviewed.glass)
                alert = self.register.alert(alert_id(cause, RULE))
                judged = event_id(access.id, access.version)
                alert.withdraw(AlertWithdrawn(reason=WithdrawalReason.OVER, cause=judged), by)
                self.register.keep([access, alert])

        retried(attempt)

    def link(self, order: StalkingProtectionOrder, linked: OfficerLinked, by: Envelope) -> None:
        def attempt() -> None:
            access = self.of(order)
            access.link(linked, by)
            self.register.keep([access])

        retried(attempt)

    def unlink(self, order: StalkingProtectionOrder, staff: str, force: str, by: Envelope) -> None:
        def attempt() -> None:
            access = self.of(order)
            access.unlink(staff, force, by)
            self.register.keep([access])

        retried(attempt)


def _alert(
    order: StalkingProtectionOrder, broken: GlassBroken, cause: UUID, by: Envelope
) -> AlertRaised:
    return AlertRaised(
        code=AlertCode.GLASS_BROKEN,
        rule=RULE,
        cause=cause,
        order_id=order.id,
        reference=order.reference,
        force=order.force,
        priority=Priority.SOON,
        reasons=(f"by {broken.staff} of {broken.force}",),
        due_at=broken.review_by,
        raised_at=by.recorded_at,
    )
