"""Refusals: what the register will not accept, under which section, in a plain sentence."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a fact was refused: a stable code, the section it rests on, and what to tell a person."""

    code: str
    section: str
    sentence: str


class Refused(Exception):
    """The rules say no. Carries the `refusal`; never a transport's status."""

    def __init__(self, refusal: Refusal, *, reference: str = "") -> None:
        super().__init__(f"{refusal.code} ({refusal.section}): {refusal.sentence}")
        self.refusal = refusal
        self.reference = reference


_TABLE = (
    (
        "APPLICANT_NOT_CHIEF_OFFICER",
        "SPA 2019 s.1(1), s.14(1)",
        (
            "Only the chief officer of a territorial force in England and Wales, the British Transport "
            "Police or the Ministry of Defence Police may apply."
        ),
    ),
    (
        "NO_AREA_NEXUS",
        "SPA 2019 s.1(3)",
        (
            "The person must reside in the force's area, or the chief officer must believe they are in "
            "it or intend to come to it."
        ),
    ),
    (
        "YOUTH_COURT_REQUIRED",
        "SPA 2019 s.14(1)",
        "The defendant is under 18: the application goes to the youth court.",
    ),
    (
        "BELOW_AGE_OF_CRIMINAL_RESPONSIBILITY",
        "CYPA 1933 s.50; force policy",
        "A child under 10 cannot commit the offence of breach; no order is sought.",
    ),
    (
        "APPLICATION_ALREADY_MADE",
        "SPA 2019 s.1; register rule",
        "This order reference already has an application; a new application needs a new reference.",
    ),
    (
        "NO_APPLICATION_PENDING",
        "SPA 2019 s.2(1), s.5(1)",
        "There is no application before the court that has not been determined or withdrawn.",
    ),
    (
        "INTERIM_WITHOUT_MAIN_APPLICATION",
        "SPA 2019 s.5(1)-(2)",
        "An interim order needs an application for a full order that is not yet determined.",
    ),
    (
        "INTERIM_APPLICANT_MISMATCH",
        "SPA 2019 s.5(2)",
        "Only the chief officer who applied for the full order may ask for the interim.",
    ),
    (
        "INTERIM_NEEDS_FIXED_PERIOD",
        "SPA 2019 s.5(6)(a)",
        "An interim order has effect for a fixed period: state its last day.",
    ),
    (
        "INTERIM_S5_7_APPLICANT",
        "SPA 2019 s.5(7)",
        (
            "Only the defendant or the chief officer who applied for the interim order may apply to "
            "vary, renew or discharge it."
        ),
    ),
    (
        "FIXED_PERIOD_UNDER_2_YEARS",
        "SPA 2019 s.3(2)",
        "A fixed period must be at least two years beginning with the day the order is made.",
    ),
    (
        "S6_CONTENT_MISSING",
        "SPA 2019 s.6",
        (
            "The order must state when it was made, its period, each prohibition and requirement, any "
            "locality limit and any period of a single term."
        ),
    ),
    (
        "INCOMPATIBLE_WITH_EARLIER_SPO",
        "SPA 2019 s.2(6)-(7)",
        "A term cannot be kept together with a term of an earlier order on the same person.",
    ),
    (
        "ROUTE_NOT_COMMENCED",
        "Crime and Policing Act 2026",
        (
            "Orders on conviction or acquittal are not switched on for this date; the record is kept "
            "for legal confirmation."
        ),
    ),
    (
        "BEFORE_COMMENCEMENT",
        "S.I. 2020/26 reg. 2",
        "No order could be made before the Act came into force.",
    ),
    (
        "S4_APPLICANT_NOT_ELIGIBLE",
        "SPA 2019 s.4(1), s.14(1)",
        "Only the defendant or a relevant chief officer may apply to vary, renew or discharge.",
    ),
    (
        "S4_PARTY_NOT_HEARD",
        "SPA 2019 s.4(2)",
        "The court must hear the defendant before it varies, renews or discharges the order.",
    ),
    (
        "VARIATION_NOT_NECESSARY",
        "SPA 2019 s.4(4)(a)",
        "A new prohibition or requirement needs the court's finding that it is necessary.",
    ),
    (
        "DISCHARGE_UNDER_2_YEARS_CONSENT_MISSING",
        "SPA 2019 s.4(4)(b)",
        (
            "Within two years of the day it was made, the order is only discharged with the consents "
            "the Act names."
        ),
    ),
    (
        "ORDER_NOT_IN_FORCE",
        "SPA 2019 ss.3-5",
        "No order of that kind was in force at that time.",
    ),
    (
        "ORDER_NOT_IN_FORCE_AT_OCCURRENCE",
        "SPA 2019 s.8(1)",
        (
            "No order was in force when it happened; consider Protection from Harassment Act 1997 "
            "ss.2A and 4A."
        ),
    ),
    (
        "CONDITION_NOT_IN_FORCE_AT_OCCURRENCE",
        "SPA 2019 s.8(1), s.4",
        "The order did not hold that term when it happened.",
    ),
    (
        "OUTSIDE_LOCALITY",
        "SPA 2019 s.2(4), s.6(d)",
        "The term binds only in its stated locality, and the act was elsewhere.",
    ),
    (
        "NOTIFICATION_METHOD_INVALID",
        "SPA 2019 s.10(1)(b)",
        (
            "Notification is given orally and in person at a police station; this is kept as "
            "information only."
        ),
    ),
    (
        "NOTIFICATION_NOT_BY_DEFENDANT",
        "SPA 2019 ss.9-10",
        "The person subject to the order must notify in person; this is kept as information only.",
    ),
    (
        "NOTIFICATION_WRONG_STATION_AREA",
        "SPA 2019 s.10(1)-(3)",
        (
            "Notification is given at a station in the home address's police area (with no home in "
            "England and Wales, the court's area); this is kept as information only."
        ),
    ),
    (
        "BIOMETRICS_NOT_REQUESTED",
        "SPA 2019 s.10(5)-(6)",
        "Refusal is an offence only after a request made to verify identity; record the request.",
    ),
    (
        "ALREADY_PROSECUTED_FOR_SAME_FAILURE",
        "SPA 2019 s.11(5)",
        "A person is prosecuted once only for the same failure.",
    ),
    (
        "CONDITIONAL_DISCHARGE_BARRED",
        "SPA 2019 s.8(4)",
        "A court may not make a conditional discharge for breach of the order.",
    ),
    (
        "APPEAL_NOT_AVAILABLE",
        "SPA 2019 s.7(1)-(3)",
        "Section 7 gives this party no appeal against this decision.",
    ),
    (
        "NOTHING_TO_RETRACT",
        "register rule",
        "No breach report with that incident is on record.",
    ),
    (
        "DEFENDANT_DEAD",
        "register rule",
        "The order closed when the person it was against died.",
    ),
    (
        "UNKNOWN_ORDER",
        "register rule",
        "No order with that reference is on the register; enter its application or order first.",
    ),
    (
        "ORDER_OF_ANOTHER_FORCE",
        "register rule",
        "The order reference belongs to another force.",
    ),
    (
        "PERSON_ERASED",
        "DPA 2018 s.47",
        (
            "The words about this person were erased for good, and no new ones are kept: state it again "
            "without names, places and accounts, or ask who decided the erasure."
        ),
    ),
)

REFUSALS = MappingProxyType({code: Refusal(code, section, text) for code, section, text in _TABLE})


def refused(code: str) -> Refused:
    return Refused(REFUSALS[code])
