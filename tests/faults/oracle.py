"""What the log must hold after all that: counted from acknowledged facts, read with our own eyes.

Nothing of the product is imported here: the log is read as rows and JSON, and which finding must
raise which alert is written down once more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from tests.faults.evidence import Entry, Evidence
from tests.faults.processes import Acknowledged

_BREACH = {
    "arrest": "BREACH_ARREST",
    "requirement": "BREACH_REQUIREMENT",
    "historic": "BREACH_HISTORIC",
    "unserved": "BREACH_REVIEW_UNSERVED",
    "confirm_location": "BREACH_CONFIRM_LOCATION",
    "cross_border": "BREACH_CROSS_BORDER",
    "outside_uk": "BREACH_REVIEW_OUTSIDE_UK",
    "in_custody": "BREACH_IN_CUSTODY",
}
_MISSED = {"initial": "MISSED_INITIAL", "name": "MISSED_NAME", "address": "MISSED_ADDRESS"}
_MISSED_REVIEW = {
    "excuse": "MISSED_REVIEW_EXCUSE",
    "service_proof": "MISSED_REVIEW_SERVICE_PROOF",
    "late_recording": "MISSED_REVIEW_LATE_RECORDING",
    "other_regime": "NOTIFICATION_GAP_LEGAL_REVIEW",
}
_SUSPECTED = {
    "biometrics_refused": "BIOMETRICS_REFUSED",
    "false_notification": "FALSE_NOTIFICATION",
}
_CONCERN = {
    "protection_gap": "PROTECTION_GAP",
    "order_unserved": "ORDER_UNSERVED",
    "order_expired": "ORDER_EXPIRED",
    "expiry_approaches": "EXPIRY_WARNING",
    "conduct_no_order": "CONDUCT_NO_ORDER_IN_FORCE",
    "released_unnotified": "RELEASE_NOTIFY_NOW",
}
_FINDINGS = {
    "spo.breach-recorded.v1",
    "spo.notification-missed.v1",
    "spo.offence-suspected.v1",
    "spo.concern-raised.v1",
}
_WITHDRAWN = "spo.finding-withdrawn.v1"
_ALERT, _ALERT_WITHDRAWN = "spo.alert-raised.v1", "spo.alert-withdrawn.v1"
_REFUSED = "spo.fact-refused.v1"
_NOT_A_FACT = {"spo.order-opened.v1", "spo.order-linked.v1", "spo.command-answered.v1"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every fault by kind, each with where it is; all four empty is a pass."""

    lost: Sequence[str]
    duplicate: Sequence[str]
    missing: Sequence[str]
    gaps: Sequence[str]

    @property
    def good(self) -> bool:
        return not (self.lost or self.duplicate or self.missing or self.gaps)


def verdict(evidence: Evidence, acknowledged: Sequence[Acknowledged]) -> Verdict:
    return Verdict(
        list(_lost(evidence, acknowledged)),
        list(_duplicate(evidence)),
        [*_not_found(evidence, acknowledged), *_not_alerted(evidence), *_not_said(evidence)],
        list(_gaps(evidence)),
    )


def _lost(evidence: Evidence, acknowledged: Sequence[Acknowledged]) -> Iterator[str]:
    on_record = {(entry.command_id, entry.topic) for entry in evidence.entries}
    ids = {entry.event_id for entry in evidence.entries}
    for item in acknowledged:
        topic = _REFUSED if item.refused else item.told.topic
        if (item.told.command_id, topic) not in on_record or not ids.issuperset(item.event_ids):
            yield f"{item.told.command_id} {topic}"


def _duplicate(evidence: Evidence) -> Iterator[str]:
    facts = Counter(
        f"{entry.command_id} on {entry.stream}"
        for entry in evidence.entries
        if entry.command_id is not None and entry.topic not in _NOT_A_FACT
    )
    incidents = Counter(
        f"incident {entry.event['incident']}"
        for entry in evidence.entries
        if entry.topic == "spo.breach-reported.v1"
    )
    alerts = Counter(
        f"alert {entry.event['rule']} for {entry.event['cause']}"
        for entry in evidence.entries
        if entry.topic == _ALERT
    )
    said = Counter(f"said {line['key']}" for line in evidence.console)
    for counter in (facts, incidents, _standing_breaches(evidence), alerts, said):
        yield from (what for what, times in counter.items() if times > 1)


def _standing_breaches(evidence: Evidence) -> Counter[str]:
    """How many breaches stand for each incident."""
    withdrawn = _withdrawn(evidence)
    return Counter(
        f"breach for {entry.event['incident']}"
        for entry in evidence.entries
        if entry.topic == "spo.breach-recorded.v1"
        and (entry.stream, entry.version) not in withdrawn
    )


def _withdrawn(evidence: Evidence) -> dict[tuple[str, int], str]:
    """The reason for each finding that was withdrawn, by its place."""
    return {
        (entry.stream, entry.event["finding_version"]): entry.event["reason"]
        for entry in evidence.entries
        if entry.topic == _WITHDRAWN
    }


def _not_found(evidence: Evidence, acknowledged: Sequence[Acknowledged]) -> Iterator[str]:
    """Facts that must lead to a finding, by what they are and not by what the product made of it."""
    found = {(entry.order, entry.topic) for entry in evidence.entries}
    incidents = {
        entry.event["incident"]
        for entry in evidence.entries
        if entry.topic == "spo.breach-recorded.v1"
    }
    for item in acknowledged:
        told = item.told
        if told.must_find is None:
            continue
        if told.incident is not None and told.incident not in incidents:
            yield f"no breach for incident {told.incident}"
        if (told.order, told.must_find) not in found:
            yield f"no {told.must_find} on {told.order}"


def _not_alerted(evidence: Evidence) -> Iterator[str]:
    raised, withdrawn = _streams(evidence, _ALERT), _streams(evidence, _ALERT_WITHDRAWN)
    gone = _withdrawn(evidence)
    for finding in evidence.entries:
        if finding.topic not in _FINDINGS:
            continue
        for code in _codes(finding):
            alert = _alert_id(finding, code)
            if alert not in raised:
                yield f"no {code} for {finding.topic} on {finding.order}"
            elif (finding.stream, finding.version) in gone and alert not in withdrawn:
                yield f"{code} on {finding.order} was not withdrawn"


def _not_said(evidence: Evidence) -> Iterator[str]:
    """Every alert is said, and every withdrawal; but not a concern that was over by then."""
    said = {line["key"] for line in evidence.console}
    reasons = {
        entry.stream: entry.event["reason"]
        for entry in evidence.entries
        if entry.topic == _ALERT_WITHDRAWN
    }
    for alert in _streams(evidence, _ALERT):
        reason = reasons.get(alert)
        if f"{alert}:raised" not in said and reason != "over":
            yield f"alert {alert} was never said"
        if reason not in (None, "over") and f"{alert}:withdrawn" not in said:
            yield f"the withdrawal of {alert} was never said"


def _gaps(evidence: Evidence) -> Iterator[str]:
    versions: dict[str, list[int]] = defaultdict(list)
    for entry in evidence.entries:
        versions[entry.stream].append(entry.version)
    for stream, found in versions.items():
        if found != list(range(1, len(found) + 1)):
            yield f"stream {stream} holds versions {found}"


def _streams(evidence: Evidence, topic: str) -> set[str]:
    return {entry.stream for entry in evidence.entries if entry.topic == topic}


def _codes(finding: Entry) -> Iterator[str]:
    event: dict[str, Any] = finding.event
    match finding.topic:
        case "spo.breach-recorded.v1":
            yield _BREACH[event["judgement"]]
            if event["contact_from_custody"]:
                yield "PRISON_CONTACT_BLOCK"
        case "spo.notification-missed.v1":
            yield _MISSED_REVIEW.get(event["judgement"]) or _MISSED[event["duty"]]
        case "spo.offence-suspected.v1":
            yield _SUSPECTED[event["suspicion"]]
        case _:
            yield _CONCERN[event["concern"]]


def _alert_id(finding: Entry, code: str) -> str:
    return str(uuid5(UUID(finding.event_id), f"{code.lower()}.v1"))
