"""What the register concludes from the facts: the events that people must be told about.

A finding holds the judgement as it was taken when it was taken. Late knowledge never edits it: the
finding is withdrawn by a further event, with the reason, and a new one recorded in its place.
"""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime

from domain.events import Event
from domain.facts.words import ShortText


class BreachJudgement(StrEnum):
    """How a reported act stands in law, for what an officer may do about it now."""

    ARREST = "arrest"
    REQUIREMENT = "requirement"
    HISTORIC = "historic"
    UNSERVED = "unserved"
    CONFIRM_LOCATION = "confirm_location"
    CROSS_BORDER = "cross_border"
    OUTSIDE_UK = "outside_uk"
    IN_CUSTODY = "in_custody"


class MissJudgement(StrEnum):
    """How a missed notification stands: an arrest, or a question for a person first."""

    ARREST = "arrest"
    EXCUSE = "excuse"
    SERVICE_PROOF = "service_proof"
    LATE_RECORDING = "late_recording"
    OTHER_REGIME = "other_regime"


class DutyKind(StrEnum):
    """What had to be notified."""

    INITIAL = "initial"
    NAME = "name"
    ADDRESS = "address"
    CEASED_HOME = "ceased_to_have_home_address"
    DAPO_INITIAL = "dapo_initial"


class Suspicion(StrEnum):
    """An offence in connection with notification that no clock has to prove."""

    BIOMETRICS_REFUSED = "biometrics_refused"
    FALSE_NOTIFICATION = "false_notification"


class Concern(StrEnum):
    """Something a person must look at that is no offence by itself."""

    PROTECTION_GAP = "protection_gap"
    ORDER_UNSERVED = "order_unserved"
    INTERIM_EXPIRES_BEFORE_HEARING = "interim_expires_before_hearing"
    EXPIRY_APPROACHES = "expiry_approaches"
    ORDER_EXPIRED = "order_expired"
    NOTIFICATION_GAP = "notification_gap"
    CONDUCT_NO_ORDER = "conduct_no_order"
    ADDRESS_UNCONFIRMED = "address_unconfirmed"
    RECEIPT_NOT_ISSUED = "receipt_not_issued"
    CHILD_DEFENDANT = "child_defendant"
    CROSS_BORDER_SUBJECT = "cross_border_subject"
    DAPO_NOTIFICATION_STARTS = "dapo_notification_starts"
    RELEASED_UNNOTIFIED = "released_unnotified"
    APPOINTMENT_UNCONFIRMED = "appointment_unconfirmed"
    REVIEW_DUE = "review_due"


class WithdrawalReason(StrEnum):
    """Why a finding no longer stands."""

    COMPLIED_IN_TIME = "complied_in_time"
    SERVICE_CORRECTED = "service_corrected"
    REPORT_RETRACTED = "report_retracted"
    DEFENDANT_DIED = "defendant_died"
    LATE_KNOWLEDGE = "late_knowledge"
    OVER = "over"


class Finding(Event):
    """A conclusion; `key` names what it is about, so that the same one is recorded once."""

    key: ShortText
    due_at: AwareDatetime

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes it the same finding: its kind, what it is about, and how it was judged."""
        return self.TOPIC, self.key


class BreachRecorded(Finding):
    """A report amounts to a suspected breach of a term in force at the time."""

    TOPIC = "spo.breach-recorded.v1"
    judgement: BreachJudgement
    incident: ShortText
    condition: ShortText
    report_version: int
    order_kind: ShortText
    made_on: date
    terms_version: int
    contact_from_custody: bool = False
    doubts: tuple[ShortText, ...] = ()

    @property
    def identity(self) -> tuple[str, ...]:
        return self.TOPIC, self.key, self.judgement


class NotificationMissed(Finding):
    """A notification window closed with nothing valid received."""

    TOPIC = "spo.notification-missed.v1"
    judgement: MissJudgement
    duty: DutyKind
    first_day: date
    last_day: date
    doubts: tuple[ShortText, ...] = ()

    @property
    def identity(self) -> tuple[str, ...]:
        return self.TOPIC, self.key, self.judgement


class OffenceSuspected(Finding):
    """Fingerprints were refused, or what was notified was known to be false."""

    TOPIC = "spo.offence-suspected.v1"
    suspicion: Suspicion
    first_day: date


class PeriodExpired(Finding):
    """An order came to the end of its own period. A renewal entered late withdraws this."""

    TOPIC = "spo.period-expired.v1"
    order_kind: ShortText
    made_on: date

    @property
    def identity(self) -> tuple[str, ...]:
        return self.TOPIC, self.key, self.due_at.isoformat()


class ConcernRaised(Finding):
    """Protection, service, or the record itself needs somebody's attention."""

    TOPIC = "spo.concern-raised.v1"
    concern: Concern


class FindingWithdrawn(Event):
    """An earlier finding no longer stands; `finding_version` is its place in this stream."""

    TOPIC = "spo.finding-withdrawn.v1"
    finding_version: int
    reason: WithdrawalReason
