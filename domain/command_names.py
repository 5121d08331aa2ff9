"""The command that records each type of fact, named as a verb; the same on every door.

Kept apart from the facts themselves, so that a list of commands costs nothing to show.
"""

from types import MappingProxyType

FACT_OF = MappingProxyType(
    {
        "apply": "ApplicationMade",
        "withdraw-application": "ApplicationWithdrawn",
        "refuse-application": "ApplicationRefused",
        "list-hearing": "HearingListed",
        "apply-interim": "InterimApplied",
        "grant-interim": "InterimOrderGranted",
        "renew-interim": "InterimRenewed",
        "vary-interim": "InterimVaried",
        "discharge-interim": "InterimDischarged",
        "refuse-interim-discharge": "InterimDischargeRefused",
        "expire-interim": "InterimExpired",
        "grant-full": "FullOrderGranted",
        "bring-into-force": "OrderInForce",
        "serve": "OrderServed",
        "post": "OrderPosted",
        "correct-service": "ServiceCorrected",
        "vary": "OrderVaried",
        "serve-varied-terms": "VariedTermsServed",
        "apply-renewal": "RenewalApplied",
        "renew": "OrderRenewed",
        "discharge": "OrderDischarged",
        "expire": "OrderExpired",
        "lodge-appeal": "AppealLodged",
        "allow-appeal": "AppealAllowed",
        "dismiss-appeal": "AppealDismissed",
        "declare-existing-order": "ExistingOrder",
        "make-dapo": "DAPOMade",
        "switch-regime": "RegimeSwitch",
        "receive-notification": "NotificationReceived",
        "use-name": "NameUsed",
        "change-address": "HomeAddressChanged",
        "cease-address": "HomeAddressCeased",
        "find-notification-false": "NotificationFoundFalse",
        "visit-address": "AddressVisit",
        "request-biometrics": "BiometricsRequested",
        "refuse-biometrics": "BiometricsRefused",
        "report-breach": "BreachReported",
        "retract-breach": "BreachRetracted",
        "miss-appointment": "AppointmentMissed",
        "assign-officer": "OfficerAssigned",
        "list-appointment": "AppointmentListed",
        "keep-appointment": "AppointmentKept",
        "list-review": "ReviewListed",
        "charge": "Charged",
        "commit-offence": "OffenceCommitted",
        "convict-in-magistrates-court": "ConvictedInMagistratesCourt",
        "dispose-of-charge": "CourtOutcome",
        "start-soa2003-notification": "SOA2003NotificationStarted",
        "cease-soa2003-notification": "SOA2003NotificationCeased",
        "start-custody": "CustodyStarted",
        "end-custody": "CustodyEnded",
        "start-hospital-detention": "HospitalDetentionStarted",
        "end-hospital-detention": "HospitalDetentionEnded",
        "leave-united-kingdom": "LeftUnitedKingdom",
        "return-to-united-kingdom": "ReturnedToUnitedKingdom",
        "report-death": "DefendantDied",
    }
)
"""The name of the fact type that each command states."""

COMMAND_OF = MappingProxyType({fact: command for command, fact in FACT_OF.items()})
