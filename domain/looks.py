"""Who looked at what, for whoever reviews it: the readings on record, and those a reviewer should ask about."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.access import Relation, Role
from domain.consultations import Purpose, RecordConsulted
from domain.disclosures import ListDisclosed, Released
from domain.events import RecordedEvent

MANY = 30
"""Different orders read by one person within a day: more than a busy desk has alerts."""
DAY = timedelta(days=1)
_BY_ALERT = frozenset({str(Role.OPERATOR), str(Role.VICTIM_LIAISON)})
"""Roles whose work comes to them as an alert."""


@dataclass(frozen=True, slots=True)
class Look:
    """One reading of one record; or of a list, which has `rows` and no reference."""

    at: datetime
    who: str
    role: str
    force: str
    what: str
    purpose: Purpose
    reference: str = ""
    alert: UUID | None = None
    relation: str | None = None
    rows: int | None = None
    taken: bool = False
    """Whether it left as a file."""
    owner: str = ""
    """Whose order it is; nothing for a list of many."""


class Oddity(StrEnum):
    """What makes a reviewer ask. None of them is a finding."""

    MANY_ORDERS = "many_orders"
    BEHIND_GLASS = "behind_glass"
    NO_ALERT = "no_alert"
    NO_REASON = "no_reason"


@dataclass(frozen=True, slots=True)
class Odd:
    """That there is something to ask one person about, and how often."""

    oddity: Oddity
    who: str
    force: str
    count: int


def look_of(recorded: RecordedEvent[RecordConsulted | Released], owner: str = "") -> Look:
    """`owner`: whose order it is, where it is one."""
    said, envelope = recorded.event, recorded.envelope
    look = Look(
        at=envelope.recorded_at,
        who=envelope.actor,
        role=envelope.role,
        force=envelope.force,
        what=said.what,
        purpose=said.purpose,
        owner=owner,
    )
    if isinstance(said, RecordConsulted):
        return replace(look, reference=said.reference, alert=said.alert_id, relation=said.relation)
    return replace(look, rows=said.rows, taken=isinstance(said, ListDisclosed))


def oddities(looks: Iterable[Look], now: datetime) -> list[Odd]:
    """Of the day before `now`, by person, what weighs most first."""
    by_person: defaultdict[tuple[str, str], list[Look]] = defaultdict(list)
    for look in looks:
        if now - look.at < DAY:
            by_person[look.who, look.force].append(look)
    found = [
        Odd(oddity, who, force, count)
        for (who, force), theirs in by_person.items()
        for oddity, count in _of_one(theirs)
    ]
    return sorted(found, key=lambda odd: (-odd.count, odd.who, odd.oddity))


def _of_one(looks: list[Look]) -> Iterator[tuple[Oddity, int]]:
    orders = len({look.reference for look in looks if look.reference})
    if orders > MANY:
        yield Oddity.MANY_ORDERS, orders
    counts = (
        (Oddity.BEHIND_GLASS, sum(look.relation == Relation.GRANTED for look in looks)),
        (Oddity.NO_ALERT, sum(_without_an_alert(look) for look in looks)),
        (Oddity.NO_REASON, sum(look.purpose is Purpose.NOT_STATED for look in looks)),
    )
    yield from ((oddity, count) for oddity, count in counts if count)


def _without_an_alert(look: Look) -> bool:
    return look.role in _BY_ALERT and look.alert is None and look.rows is None
