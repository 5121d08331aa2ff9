"""The briefing's part on people: who it is, where they may be, the risk, and whom to keep safe."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.events import RecordedEvent
from domain.facts.breaches import BreachReported
from domain.facts.notification import NotificationReceived
from domain.facts.person import CustodyStarted
from domain.findings import BreachRecorded, NotificationMissed
from domain.history import happened
from domain.receipts import Receipt, receipts
from domain.spells import Spell, covering
from spowatch.briefing.case import AlertCase
from spowatch.wording.plain_words import maybe_moment, moment, plain

NEED_TO_KNOW = "Need to know. Never over open radio, never to the subject."
WINDOWS = (
    ("24h", timedelta(hours=24)),
    ("7d", timedelta(days=7)),
    ("30d", timedelta(days=30)),
    ("12m", timedelta(days=365)),
)


@dataclass(frozen=True, slots=True)
class EarlierBreach:
    """A breach standing on any order of the person, from before the one in hand."""

    reference: str
    condition: str
    judgement: str
    occurred_at: datetime


def subject(case: AlertCase) -> dict[str, Any]:
    defendant = case.defendant
    history = case.position.history
    return {
        "name": defendant.name if defendant else None,
        "aliases": aliases(case),
        "born": defendant.born if defendant else None,
        "pnc_id": defendant.pnc_id if defendant else None,
        "description": defendant.description if defendant else None,
        "markers": list(defendant.markers) if defendant else [],
        "child": history.child,
        "died": maybe_moment(history.died_at),
        "notified_address": _notified_address(case),
        "moves_known_since": _moves(case),
        "custody": _held(case, history.custody) | _establishment(case),
        "hospital": _held(case, history.hospital),
        "abroad": _held(case, history.abroad),
    }


def aliases(case: AlertCase) -> list[str]:
    """Every other name on record: stated on application, used, or notified."""
    defendant = case.defendant
    names = list(defendant.aliases) if defendant else []
    for order in case.person_orders:
        history = order.position(case.position.now).history
        names += [used.event.name for used in history.names_used]
        for told in history.notifications:
            names += told.event.names or ()
    known = defendant.name if defendant else None
    return [name for name in dict.fromkeys(names) if name != known]


def notified_home(case: AlertCase) -> Receipt | None:
    """The last notification that counts and gave a home address."""
    given = [
        receipt
        for order in case.person_orders
        for receipt in receipts(order.position(case.position.now).history)
        if receipt.refused_as is None and receipt.fact.home_address is not None
    ]
    return max(given, key=lambda receipt: happened(receipt.recorded), default=None)


def _notified_address(case: AlertCase) -> dict[str, Any] | None:
    receipt = notified_home(case)
    if receipt is None or receipt.fact.home_address is None:
        return None
    address = receipt.fact.home_address
    return {
        "address": address.place,
        "kind": plain(address.kind),
        "notified_at": moment(happened(receipt.recorded)),
        **last_check(case, receipt.recorded),
    }


def last_check(case: AlertCase, notified: RecordedEvent[NotificationReceived]) -> dict[str, Any]:
    """Whether an officer has seen the person at the address since it was notified."""
    visits = [
        visit
        for order in case.person_orders
        for visit in order.position(case.position.now).history.visits
        if happened(visit) > happened(notified)
    ]
    latest = max(visits, key=happened, default=None)
    if latest is None:
        return {"verified": False, "checked_at": None, "check": "never checked"}
    return {
        "verified": any(visit.event.result == "seen" for visit in visits),
        "checked_at": moment(happened(latest)),
        "check": plain(latest.event.result),
    }


def _moves(case: AlertCase) -> list[dict[str, Any]]:
    """Changes of address known to police and not yet overtaken by a notification."""
    receipt = notified_home(case)
    since = None if receipt is None else happened(receipt.recorded)
    return [
        {"to": move.event.to.place, "area": move.event.to_area, "at": moment(happened(move))}
        for order in case.person_orders
        for move in order.position(case.position.now).history.moves
        if since is None or happened(move) > since
    ]


def _held(case: AlertCase, spells: list[Spell]) -> dict[str, Any]:
    current = covering(spells, case.now)
    return {
        "now": current is not None,
        "since": None if current is None else moment(current.start),
        "at_the_act": covering(spells, case.at) is not None,
    }


def _establishment(case: AlertCase) -> dict[str, str | None]:
    current = covering(case.position.history.custody, case.now)
    places = [
        fact.event.establishment
        for fact in case.order.facts
        if isinstance(fact.event, CustodyStarted)
        and current is not None
        and fact.envelope.occurred_at == current.start
    ]
    return {"establishment": next(iter(places), None)}


def earlier_breaches(case: AlertCase) -> list[EarlierBreach]:
    """Separate incidents before this one, on every order of the person, the latest first."""
    found = [breach for breach in _breaches(case) if breach.occurred_at <= case.at]
    return sorted(found, key=lambda breach: breach.occurred_at, reverse=True)


def _breaches(case: AlertCase) -> Iterator[EarlierBreach]:
    own = case.found.event
    for order in case.person_orders:
        occurred = {fact.originator_version: fact.envelope.occurred_at for fact in order.facts}
        for entry in order.standing.values():
            breach = entry.event
            if not isinstance(breach, BreachRecorded):
                continue
            same_order = order.id == case.order.id and isinstance(own, BreachRecorded)
            if same_order and isinstance(own, BreachRecorded) and breach.incident == own.incident:
                continue
            at = occurred[breach.report_version]
            yield EarlierBreach(order.reference, breach.condition, str(breach.judgement), at)


def missed_notifications(case: AlertCase) -> int:
    """Notifications missed that still stand, on every order of the person."""
    return sum(
        isinstance(entry.event, NotificationMissed)
        for order in case.person_orders
        for entry in order.standing.values()
    )


def risk(case: AlertCase) -> dict[str, Any]:
    defendant, earlier = case.defendant, earlier_breaches(case)
    report = case.report.event if case.report is not None else None
    return {
        "level": defendant.risk if defendant else None,
        "markers_on_report": list(report.markers) if isinstance(report, BreachReported) else [],
        "earlier_breaches": {
            name: sum(case.at - breach.occurred_at <= window for breach in earlier)
            for name, window in WINDOWS
        },
        "earlier_breach_dates": [
            {
                "occurred_at": moment(breach.occurred_at),
                "condition": breach.condition,
                "judged": plain(breach.judgement),
                "order": breach.reference,
            }
            for breach in earlier
        ],
        "missed_notifications": missed_notifications(case),
    }


def protected_persons(case: AlertCase) -> dict[str, Any]:
    return {
        "handling": NEED_TO_KNOW,
        "persons": [
            {
                "name": person.name,
                "relationship": None if person.relationship is None else plain(person.relationship),
                "safe_contact": person.safe_contact,
            }
            for person in case.protected
        ],
    }
