"""What the court was asked and what it did."""

from typing import Literal

from domain.conditions import Condition, ConditionCode
from domain.facts import AsStated, Fact
from domain.facts.words import (
    Act,
    Court,
    Defendant,
    FurtherOrder,
    LegalDate,
    Protected,
    ShortText,
    Word,
)
from domain.personal import ProtectedText


class ApplicationMade(Fact):
    """A chief officer applied for a full order by complaint (s.1)."""

    TOPIC = "spo.application-made.v1"
    applicant: Word
    force: ShortText
    nexus: Literal["resides", "believed_in_area", "intending_to_come"] | None = None
    defendant_age: int | None = None
    court: Court = "magistrates"
    acts: tuple[Act, ...] = ()
    protected: tuple[Protected, ...] = ()
    original_victim: ProtectedText | None = None
    criminal_case: ShortText | None = None
    with_interim: bool = False
    regime: Literal["EW", "NI"] | None = None
    defendant: Defendant | None = None
    standard_of_proof: Literal["civil", "criminal"] | None = None
    authorised_by: ShortText | None = None


class ApplicationWithdrawn(Fact):
    """The applicant withdrew before the court determined the application."""

    TOPIC = "spo.application-withdrawn.v1"
    reason: ProtectedText | None = None


class ApplicationRefused(Fact):
    """The court refused the application (s.2(1) not met)."""

    TOPIC = "spo.application-refused.v1"
    reason: ProtectedText | None = None


class HearingListed(Fact):
    """A hearing was listed, adjourned or listed again."""

    TOPIC = "spo.hearing-listed.v1"
    on: LegalDate
    reason: ProtectedText | None = None


class InterimApplied(Fact):
    """An interim order was asked for (s.5(1)-(2))."""

    TOPIC = "spo.interim-applied.v1"
    force: ShortText | None = None


class InterimOrderGranted(Fact):
    """The court made an interim order (s.5(3))."""

    TOPIC = "spo.interim-order-granted.v1"
    made_on: LegalDate | None = None
    last_day: LegalDate | None = None
    until: FurtherOrder | None = None
    conditions: tuple[Condition, ...] | None = None
    defendant_present: bool | None = None
    court: Court | None = None


class _InterimChange(Fact):
    applicant: Word | None = None
    force: ShortText | None = None


class InterimRenewed(_InterimChange):
    """The interim order was given a later last day (s.5(7)-(8))."""

    TOPIC = "spo.interim-renewed.v1"
    last_day: LegalDate


class InterimVaried(_InterimChange):
    """The terms of the interim order changed (s.5(7)-(8))."""

    TOPIC = "spo.interim-varied.v1"
    adds: tuple[Condition, ...] = ()
    removes: tuple[ConditionCode, ...] = ()
    last_day: LegalDate | None = None


class InterimDischarged(_InterimChange):
    """The interim order was discharged (s.5(7)-(8))."""

    TOPIC = "spo.interim-discharged.v1"
    last_day: LegalDate | None = None


class InterimDischargeRefused(_InterimChange):
    """The court refused to discharge the interim order."""

    TOPIC = "spo.interim-discharge-refused.v1"
    last_day: LegalDate | None = None


class InterimExpired(Fact):
    """The interim order's period ran out, as the source records it."""

    TOPIC = "spo.interim-expired.v1"


class FullOrderGranted(Fact):
    """The court made a full order (ss.2-3)."""

    TOPIC = "spo.full-order-granted.v1"
    made_on: LegalDate | None = None
    last_day: LegalDate | None = None
    until: FurtherOrder | None = None
    defendant_present: bool | None = None
    replaces_interim: bool | None = None
    conditions: tuple[Condition, ...] | None = None
    origin: Literal["application", "conviction", "acquittal"] = "application"
    court: Court | None = None
    resident_ni: bool = False


class _Section4(AsStated):
    applicant: Word | None = None
    role: Literal["applied_for_order", "residence_area", "believed_in_area", "none"] | None = None
    heard: tuple[Word, ...] | None = None


class OrderVaried(_Section4):
    """The court varied the full order (s.4)."""

    TOPIC = "spo.order-varied.v1"
    adds: tuple[Condition, ...] = ()
    removes: tuple[ConditionCode, ...] = ()
    necessity_found: bool | None = None


class OrderRenewed(_Section4):
    """The court renewed the full order (s.4)."""

    TOPIC = "spo.order-renewed.v1"
    last_day: LegalDate | None = None
    until: FurtherOrder | None = None
    adds: tuple[Condition, ...] = ()
    removes: tuple[ConditionCode, ...] = ()
    necessity_found: bool | None = None


class OrderDischarged(_Section4):
    """The court discharged the full order (s.4)."""

    TOPIC = "spo.order-discharged.v1"
    consents: tuple[Word, ...] | None = None
    residence_area: Word | None = None


class RenewalApplied(Fact):
    """A renewal was applied for; it gives no interim cover (s.5(1))."""

    TOPIC = "spo.renewal-applied.v1"
    hearing: LegalDate | None = None


class OrderExpired(Fact):
    """The full order's period ran out, as the source records it."""

    TOPIC = "spo.order-expired.v1"


class OrderInForce(Fact):
    """The day the order came into force, where that is not the day it was made (NI)."""

    TOPIC = "spo.order-in-force.v1"
    from_: LegalDate


class AppealLodged(Fact):
    """An appeal to the Crown Court was lodged (s.7)."""

    TOPIC = "spo.appeal-lodged.v1"
    by: Word
    against: Word


class AppealAllowed(Fact):
    """The Crown Court allowed the appeal and made the order needed (s.7(4))."""

    TOPIC = "spo.appeal-allowed.v1"
    effect: Literal["order_quashed", "order_made"]
    made_on: LegalDate | None = None
    until: FurtherOrder | None = None
    last_day: LegalDate | None = None
    conditions: tuple[Condition, ...] | None = None
    defendant_present: bool | None = None


class AppealDismissed(Fact):
    """The Crown Court dismissed the appeal, or it was abandoned."""

    TOPIC = "spo.appeal-dismissed.v1"


class ExistingOrder(Fact):
    """An earlier order on the same person that this register does not hold itself."""

    TOPIC = "spo.existing-order.v1"
    order_ref: ShortText
    conditions: tuple[Condition, ...] = ()


class RegimeSwitch(Fact):
    """A provision was commenced: the route it opens exists from this date."""

    TOPIC = "spo.regime-switch.v1"
    feature: Literal["spo_on_conviction", "spo_on_acquittal"]
    from_: LegalDate


class DAPOMade(Fact):
    """A domestic abuse protection order was made against the same person."""

    TOPIC = "spo.dapo-made.v1"
    made_on: LegalDate | None = None
    until: FurtherOrder | None = None
    last_day: LegalDate | None = None
    without_notice: bool = False
    conditions: tuple[Condition, ...] | None = None
