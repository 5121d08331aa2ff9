"""Alerts: the closed list of codes, what each asks of whom, and the alert itself as an aggregate."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType
from uuid import UUID, uuid5

from pydantic import AwareDatetime

from domain.events import Envelope, Event, RecordedEvent, Stream
from domain.facts.words import ShortText
from domain.findings import WithdrawalReason


class AlertCode(StrEnum):
    """Every alert there is; a code never changes its meaning."""

    BREACH_ARREST = "BREACH_ARREST"
    MISSED_INITIAL = "MISSED_INITIAL"
    MISSED_NAME = "MISSED_NAME"
    MISSED_ADDRESS = "MISSED_ADDRESS"
    BIOMETRICS_REFUSED = "BIOMETRICS_REFUSED"
    FALSE_NOTIFICATION = "FALSE_NOTIFICATION"
    BREACH_REQUIREMENT = "BREACH_REQUIREMENT"
    BREACH_HISTORIC = "BREACH_HISTORIC"
    BREACH_IN_CUSTODY = "BREACH_IN_CUSTODY"
    BREACH_REVIEW_UNSERVED = "BREACH_REVIEW_UNSERVED"
    BREACH_CONFIRM_LOCATION = "BREACH_CONFIRM_LOCATION"
    BREACH_CROSS_BORDER = "BREACH_CROSS_BORDER"
    BREACH_REVIEW_OUTSIDE_UK = "BREACH_REVIEW_OUTSIDE_UK"
    MISSED_REVIEW_EXCUSE = "MISSED_REVIEW_EXCUSE"
    MISSED_REVIEW_SERVICE_PROOF = "MISSED_REVIEW_SERVICE_PROOF"
    MISSED_REVIEW_LATE_RECORDING = "MISSED_REVIEW_LATE_RECORDING"
    NOTIFICATION_GAP_LEGAL_REVIEW = "NOTIFICATION_GAP_LEGAL_REVIEW"
    CONDUCT_NO_ORDER_IN_FORCE = "CONDUCT_NO_ORDER_IN_FORCE"
    PROTECTION_GAP = "PROTECTION_GAP"
    ORDER_UNSERVED = "ORDER_UNSERVED"
    INTERIM_EXPIRES_BEFORE_HEARING = "INTERIM_EXPIRES_BEFORE_HEARING"
    EXPIRY_WARNING = "EXPIRY_WARNING"
    ORDER_EXPIRED = "ORDER_EXPIRED"
    PRISON_CONTACT_BLOCK = "PRISON_CONTACT_BLOCK"
    RELEASE_NOTIFY_NOW = "RELEASE_NOTIFY_NOW"
    DAPO_NOTIFICATION_STARTS = "DAPO_NOTIFICATION_STARTS"
    ADDRESS_CHECK_FOLLOW_UP = "ADDRESS_CHECK_FOLLOW_UP"
    ACK_NOT_ISSUED = "ACK_NOT_ISSUED"
    CHILD_SAFEGUARDING_CONTACT = "CHILD_SAFEGUARDING_CONTACT"
    CROSS_BORDER_SUBJECT = "CROSS_BORDER_SUBJECT"
    APPOINTMENT_UNCONFIRMED = "APPOINTMENT_UNCONFIRMED"
    REVIEW_DUE = "REVIEW_DUE"
    GLASS_BROKEN = "GLASS_BROKEN"
    ALERT_WITHDRAWN = "ALERT_WITHDRAWN"
    ALERT_WITHDRAWN_COMPLIED_IN_TIME = "ALERT_WITHDRAWN_COMPLIED_IN_TIME"
    LINE_TEST = "LINE_TEST"


class AlertClass(StrEnum):
    """What the alert asks for: an arrest to be considered, a person to look, protection, a task.

    A `test` asks for nothing: it shows that the line is alive.
    """

    ARREST = "arrest"
    REVIEW = "review"
    PROTECTION = "protection"
    TASK = "task"
    NOTICE = "notice"
    TEST = "test"


class Priority(IntEnum):
    """1 is immediate. Lowered only by a supervisor, never by the system."""

    IMMEDIATE = 1
    PROMPT = 2
    SOON = 3
    ROUTINE = 4


_C = AlertCode
_ARREST = (
    _C.BREACH_ARREST,
    _C.MISSED_INITIAL,
    _C.MISSED_NAME,
    _C.MISSED_ADDRESS,
    _C.BIOMETRICS_REFUSED,
    _C.FALSE_NOTIFICATION,
)
_REVIEW = (
    _C.BREACH_REQUIREMENT,
    _C.BREACH_HISTORIC,
    _C.BREACH_IN_CUSTODY,
    _C.BREACH_REVIEW_UNSERVED,
    _C.BREACH_CONFIRM_LOCATION,
    _C.BREACH_CROSS_BORDER,
    _C.BREACH_REVIEW_OUTSIDE_UK,
    _C.MISSED_REVIEW_EXCUSE,
    _C.MISSED_REVIEW_SERVICE_PROOF,
    _C.MISSED_REVIEW_LATE_RECORDING,
    _C.NOTIFICATION_GAP_LEGAL_REVIEW,
    _C.CONDUCT_NO_ORDER_IN_FORCE,
)
_PROTECTION = (
    _C.PROTECTION_GAP,
    _C.ORDER_UNSERVED,
    _C.INTERIM_EXPIRES_BEFORE_HEARING,
    _C.EXPIRY_WARNING,
    _C.ORDER_EXPIRED,
)
_NOTICE = (_C.ALERT_WITHDRAWN, _C.ALERT_WITHDRAWN_COMPLIED_IN_TIME)

ALERT_CLASS = MappingProxyType(
    {
        **dict.fromkeys(AlertCode, AlertClass.TASK),
        **dict.fromkeys(_ARREST, AlertClass.ARREST),
        **dict.fromkeys(_REVIEW, AlertClass.REVIEW),
        **dict.fromkeys(_PROTECTION, AlertClass.PROTECTION),
        **dict.fromkeys(_NOTICE, AlertClass.NOTICE),
        _C.LINE_TEST: AlertClass.TEST,
    }
)

BREACHES = frozenset(code for code in AlertCode if code.startswith("BREACH_"))
"""Raised for an act against a term: the open ones on one person are an episode."""

INSTRUCTIONS = MappingProxyType(
    {
        _C.BREACH_ARREST: "Suspected breach of an order in force. Consider arrest under PACE s.24: "
        "suspicion and necessity are for the constable.",
        _C.MISSED_INITIAL: "No notification of names and home address in three days. Consider "
        "arrest under PACE s.24; ask about reasonable excuse.",
        _C.MISSED_NAME: "A new name was used and not notified in three days. Consider arrest under "
        "PACE s.24; ask about reasonable excuse.",
        _C.MISSED_ADDRESS: "A new home address was not notified in three days. Consider arrest "
        "under PACE s.24; ask about reasonable excuse.",
        _C.BIOMETRICS_REFUSED: "Fingerprints or photograph refused when asked for to verify "
        "identity. Consider arrest under PACE s.24.",
        _C.FALSE_NOTIFICATION: "What was notified was known to be false. Consider arrest under "
        "PACE s.24.",
        _C.BREACH_REQUIREMENT: "A requirement was not kept. Ask the provider and the person for "
        "the reason before deciding.",
        _C.BREACH_HISTORIC: "Broken while in force, reported after that order ended. Still an "
        "offence: investigate.",
        _C.BREACH_IN_CUSTODY: "The person is detained: do not go out to arrest. Investigate, and "
        "ask the establishment to secure evidence.",
        _C.BREACH_REVIEW_UNSERVED: "The order, or this term, is not shown to have reached the "
        "person. Prove or effect service now; take advice on excuse.",
        _C.BREACH_CONFIRM_LOCATION: "The place does not settle it. Confirm where the person was "
        "before acting on this as a breach.",
        _C.BREACH_CROSS_BORDER: "The act was in Scotland or Northern Ireland. The order has effect "
        "there, the offence extends to England and Wales: take legal advice at once.",
        _C.BREACH_REVIEW_OUTSIDE_UK: "The act was outside the United Kingdom, where the order does "
        "not reach. Review for other offences.",
        _C.MISSED_REVIEW_EXCUSE: "The window closed while the person was detained or abroad. The "
        "clock does not stop, but ask about excuse before any arrest.",
        _C.MISSED_REVIEW_SERVICE_PROOF: "The window closed, but service is deemed or unproven. "
        "Prove service before any arrest.",
        _C.MISSED_REVIEW_LATE_RECORDING: "The window had closed before it was on record. Confirm "
        "the facts before any arrest.",
        _C.NOTIFICATION_GAP_LEGAL_REVIEW: "The duty fell away in a way the Act does not provide "
        "for. Take legal advice; get names and address by other means.",
        _C.CONDUCT_NO_ORDER_IN_FORCE: "Reported conduct when no order was in force. Not a breach: "
        "consider Protection from Harassment Act 1997 ss.2A and 4A.",
        _C.PROTECTION_GAP: "No order protects this person now. Tell them, and consider a new "
        "application with an interim today.",
        _C.ORDER_UNSERVED: "Made but not served. Serve it: until then no notification is owed and "
        "knowledge must be proved.",
        _C.INTERIM_EXPIRES_BEFORE_HEARING: "The interim order runs out before the hearing. Ask the "
        "court to renew it.",
        _C.EXPIRY_WARNING: "The order is nearing its end. Decide on renewal: there is no interim "
        "cover for a renewal not yet heard.",
        _C.ORDER_EXPIRED: "The order has expired. Tell the protected person and update PNC.",
        _C.PRISON_CONTACT_BLOCK: "Contact came from custody. Ask HMPPS to block it and confirm.",
        _C.RELEASE_NOTIFY_NOW: "Released with a notification outstanding. No new three days run: "
        "tell the person to notify now.",
        _C.DAPO_NOTIFICATION_STARTS: "The stalking order ended: three days to notify under the "
        "DAPO begin (DA Act 2021 s.41(9)).",
        _C.ADDRESS_CHECK_FOLLOW_UP: "The notified address is not confirmed. Check again; absence "
        "alone does not show it false.",
        _C.ACK_NOT_ISSUED: "No written acknowledgement was given. The Act requires one: issue it "
        "(s.10(4)).",
        _C.CHILD_SAFEGUARDING_CONTACT: "The person is under 18. Involve children's services; the "
        "child notifies in person.",
        _C.CROSS_BORDER_SUBJECT: "The person has left England and Wales. The order continues; tell "
        "the police there and fix where to notify.",
        _C.APPOINTMENT_UNCONFIRMED: "Nobody has said whether a required appointment was kept. Ask "
        "the provider, and record it as kept or missed.",
        _C.REVIEW_DUE: "The review date of this order has come. Review it, and list the next date.",
        _C.GLASS_BROKEN: "Somebody of another force opened this case for an hour, and said why. A "
        "reviewer of this force judges within 24 hours whether it was right.",
        _C.ALERT_WITHDRAWN: "An alert was withdrawn. Stand down and record what was done on it.",
        _C.ALERT_WITHDRAWN_COMPLIED_IN_TIME: "The person had notified in time; it was recorded "
        "late. Stand down.",
        _C.LINE_TEST: "A test of the line, once a minute. Nothing happened: do nothing.",
    }
)


def alert_id(cause: UUID, rule: str) -> UUID:
    """One alert for one cause and rule, for ever: whoever writes second is refused."""
    return uuid5(cause, rule)


class LateBecause(StrEnum):
    """Why an alert was raised well after the instant it was due."""

    RECORDED_LATE = "recorded_late"
    ENTERED_LATE = "entered_late"
    SWEPT_LATE = "swept_late"
    DESK_LATE = "desk_late"


class AlertRaised(Event):
    """An alert was put before people. Thin: everything personal is read from the order."""

    TOPIC = "spo.alert-raised.v1"
    code: AlertCode
    rule: ShortText
    cause: UUID
    order_id: UUID
    reference: ShortText
    force: ShortText
    priority: int
    reasons: tuple[ShortText, ...] = ()
    offence: ShortText | None = None
    condition: ShortText | None = None
    terms_version: int | None = None
    doubts: tuple[ShortText, ...] = ()
    due_at: AwareDatetime
    raised_at: AwareDatetime
    repeats_24h: int = 0
    repeats_7d: int = 0
    repeats_30d: int = 0
    late_because: LateBecause | None = None
    answers: ShortText | None = None
    """The force that answers, where it is another than that of the order."""
    must_know: tuple[ShortText, ...] = ()

    @property
    def forces(self) -> tuple[str, ...]:
        """Every force it concerns: the one that answers, then those that must know."""
        return tuple(dict.fromkeys((self.answers or self.force, *self.must_know)))


class AlertWithdrawn(Event):
    """What the alert was raised for no longer stands. The alert and its history stay."""

    TOPIC = "spo.alert-withdrawn.v1"
    reason: WithdrawalReason
    cause: UUID


@dataclass(slots=True)
class ArrestAlert(Stream):
    """One alert, from the moment it was raised."""

    raised: AlertRaised | None = None
    withdrawn: AlertWithdrawn | None = None

    @property
    def is_new(self) -> bool:
        """Raised just now, and not yet saved."""
        return self.raised is not None and self.version == len(self.unsaved)

    def raise_(self, alert: AlertRaised, envelope: Envelope) -> None:
        if self.raised is None:
            self._record(alert, envelope)

    def withdraw(self, withdrawal: AlertWithdrawn, envelope: Envelope) -> None:
        if self.withdrawn is None:
            self._record(withdrawal, envelope)

    def apply(self, recorded: RecordedEvent) -> None:
        if isinstance(recorded.event, AlertRaised):
            self.raised = recorded.event
        elif isinstance(recorded.event, AlertWithdrawn):
            self.withdrawn = recorded.event

    @property
    def notice(self) -> AlertCode | None:
        """The notice a withdrawn arrest or review alert leaves; a concern that is over leaves none."""
        if self.withdrawn is None or self.withdrawn.reason is WithdrawalReason.OVER:
            return None
        if self.withdrawn.reason is WithdrawalReason.COMPLIED_IN_TIME:
            return AlertCode.ALERT_WITHDRAWN_COMPLIED_IN_TIME
        return AlertCode.ALERT_WITHDRAWN
