"""What needs a person's attention though nobody has broken anything: the protection alerts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from domain.breaches import Judged
from domain.calendar import legal_day, months_before, start_of
from domain.court_orders import CourtOrder, EndCause, OrderKind
from domain.events import RecordedEvent
from domain.findings import Concern, DutyKind
from domain.history import History, happened, known
from domain.notification import Duty, DutyState
from domain.receipts import valid

UNSERVED_AFTER = timedelta(hours=24)
"""Force policy: an order not served a day after it was made is chased."""

UNCONFIRMED_AFTER = timedelta(hours=24)
"""Force policy: whether an appointment was kept is chased a day after it."""

_WARNING_MONTHS = (6, 3)
_WARNING_WEEKS = (8, 4, 1)


@dataclass(frozen=True, slots=True)
class Raised:
    """A concern, what it is about, the instant from which it stands, and until when."""

    concern: Concern
    about: str
    since: datetime
    until: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the concerns are worked out from."""

    history: History
    duties: list[Duty]
    judged: list[Judged]


def concerns(case: Circumstances) -> Iterator[Raised]:
    """Every concern the facts give or will give rise to by the passing of time."""
    for question in _QUESTIONS:
        yield from question(case)


def _protection_gaps(case: Circumstances) -> Iterator[Raised]:
    history = case.history
    for order in history.orders:
        end = order.end
        if end is None or not _leaves_a_gap(order, history) or history.order_at(end) is not None:
            continue
        later = (other.start for other in history.orders if other.start > end)
        yield Raised(Concern.PROTECTION_GAP, order.name, end, min(later, default=None))


def _leaves_a_gap(order: CourtOrder, history: History) -> bool:
    """An interim that ends unreplaced (s.5(6)), a quashed order, one with its renewal not heard."""
    cause = order.cause_of_end
    if order.kind is OrderKind.INTERIM:
        return cause is not EndCause.DIED
    renewal_pending = history.renewal_applied_at is not None
    return cause is EndCause.QUASHED or (cause is EndCause.EXPIRED and renewal_pending)


def _expired(case: Circumstances) -> Iterator[Raised]:
    for order in case.history.orders:
        if order.kind is not OrderKind.FULL or order.end is None:
            continue
        if order.cause_of_end is EndCause.EXPIRED:
            yield Raised(Concern.ORDER_EXPIRED, order.name, order.end)


def _unserved(case: Circumstances) -> Iterator[Raised]:
    for order in case.history.orders:
        if not order.services:
            grace = timedelta(0) if order.made_on_appeal else UNSERVED_AFTER
            since = order.start + grace
            yield Raised(Concern.ORDER_UNSERVED, order.name, since, order.end)


def _expiry_approaches(case: Circumstances) -> Iterator[Raised]:
    for order in case.history.orders:
        if order.kind is OrderKind.FULL and order.last_day is not None and order.end is not None:
            yield from _expiry_warnings(order.name, order.start, order.end)


@lru_cache(maxsize=4096)
def _expiry_warnings(name: str, start: datetime, end: datetime) -> tuple[Raised, ...]:
    """The days on which the end is announced; each announcement stands until the next."""
    ends_on = legal_day(end)
    days = [months_before(ends_on, months) for months in _WARNING_MONTHS]
    days += [ends_on - timedelta(weeks=weeks) for weeks in _WARNING_WEEKS]
    instants = [*(start_of(day) for day in sorted(days)), end]
    return tuple(
        Raised(Concern.EXPIRY_APPROACHES, f"{name}:{day}", since, until, end)
        for day, since, until in zip(sorted(days), instants, instants[1:], strict=False)
        if since >= start
    )


def _hearing_too_late(case: Circumstances) -> Iterator[Raised]:
    history = case.history
    for order in history.orders:
        if order.kind is not OrderKind.INTERIM or history.hearing_on is None:
            continue
        if order.last_day is not None and history.hearing_on > order.last_day:
            about = f"{order.name}:{history.hearing_on}"
            yield Raised(
                Concern.INTERIM_EXPIRES_BEFORE_HEARING, about, order.start, order.end, order.end
            )


def _notification_gaps(case: Circumstances) -> Iterator[Raised]:
    for duty in case.duties:
        if duty.state is DutyState.LAPSED_GAP and duty.lapses_at is not None:
            yield Raised(Concern.NOTIFICATION_GAP, duty.cause, duty.lapses_at)
    for order in case.history.orders:
        if order.replaces_interim and not _interim_duty_arose(order):
            yield Raised(Concern.NOTIFICATION_GAP, order.name, order.start, order.end)


def _interim_duty_arose(order: CourtOrder) -> bool:
    """Whether the replaced interim was ever served, and so started the clock."""
    return order.replaced is not None and bool(order.replaced.services)


def _conduct_without_order(case: Circumstances) -> Iterator[Raised]:
    for judged in case.judged:
        if judged.refused_as == "ORDER_NOT_IN_FORCE_AT_OCCURRENCE":
            yield Raised(Concern.CONDUCT_NO_ORDER, judged.incident, known(judged.report))


def _address_unconfirmed(case: Circumstances) -> Iterator[Raised]:
    history = case.history
    not_seen = [visit for visit in history.visits if visit.event.result != "seen"]
    mistaken = [found for found in history.found_false if found.event.knowledge != "known_false"]
    doubts: list[RecordedEvent] = [*not_seen, *history.homes_given_up, *mistaken]
    for doubt in doubts:
        until = _address_settled(history, happened(doubt))
        yield Raised(Concern.ADDRESS_UNCONFIRMED, _fact(doubt), known(doubt), until)


def _address_settled(history: History, after: datetime) -> datetime | None:
    seen = (visit for visit in history.visits if visit.event.result == "seen")
    given = (item for item in valid(history) if item.event.home_address)
    later = [known(item) for item in (*seen, *given) if happened(item) > after]
    return min(later, default=None)


def _receipt_not_issued(case: Circumstances) -> Iterator[Raised]:
    for item in valid(case.history):
        if item.event.acknowledgement_issued is False:
            yield Raised(Concern.RECEIPT_NOT_ISSUED, _fact(item), known(item))


def _child(case: Circumstances) -> Iterator[Raised]:
    history = case.history
    if history.child:
        since = history.applied_at or history.orders[0].start
        yield Raised(Concern.CHILD_DEFENDANT, "defendant", since)


def _cross_border(case: Circumstances) -> Iterator[Raised]:
    history = case.history
    for moved in history.moves[-1:]:
        if moved.event.to_area in ("scotland", "northern_ireland", "outside_uk"):
            yield Raised(Concern.CROSS_BORDER_SUBJECT, _fact(moved), known(moved))
    for spell in history.abroad:
        about = f"abroad-{legal_day(spell.start)}"
        yield Raised(Concern.CROSS_BORDER_SUBJECT, about, spell.start, spell.end)


def _dapo_starts(case: Circumstances) -> Iterator[Raised]:
    for duty in case.duties:
        if duty.kind is DutyKind.DAPO_INITIAL and duty.state in _UNMET:
            about = f"{duty.cause}:{duty.window.first_day}"
            yield Raised(
                Concern.DAPO_NOTIFICATION_STARTS,
                about,
                duty.bound_from,
                due_at=duty.window.deadline,
            )


_UNMET = frozenset({DutyState.OPEN, DutyState.MISSED})


def _released_unnotified(case: Circumstances) -> Iterator[Raised]:
    """Released with a notification outstanding: no new three days, so tell them now (s.11(4))."""
    for spell in (*case.history.custody, *case.history.hospital):
        if spell.end is None:
            continue
        owing = [d for d in case.duties if d.state in _UNMET and d.bound_from <= spell.end]
        if owing:
            about = f"released-{legal_day(spell.end)}"
            yield Raised(Concern.RELEASED_UNNOTIFIED, about, spell.end)


def _appointment_unconfirmed(case: Circumstances) -> Iterator[Raised]:
    """A day after an appointment somebody must have said whether it was kept."""
    history = case.history
    outcomes: list[RecordedEvent[Any]] = [*history.appointments_kept, *history.appointments]
    for listed in history.appointments_listed:
        at, term = listed.event.attend_at, listed.event.condition
        if history.order_at(at) is None:
            continue
        said = [
            known(outcome)
            for outcome in outcomes
            if outcome.event.condition == term and legal_day(happened(outcome)) == legal_day(at)
        ]
        until = min(said, default=None)
        since = max(at + UNCONFIRMED_AFTER, known(listed))
        yield Raised(Concern.APPOINTMENT_UNCONFIRMED, _fact(listed), since, until, at)


def _review_due(case: Circumstances) -> Iterator[Raised]:
    listed = case.history.review
    if listed is not None:
        due = start_of(listed.event.on)
        yield Raised(Concern.REVIEW_DUE, _fact(listed), max(due, known(listed)), due_at=due)


def _fact(recorded: RecordedEvent) -> str:
    return f"fact-{recorded.originator_version}"


_QUESTIONS: tuple[Callable[[Circumstances], Iterator[Raised]], ...] = (
    _protection_gaps,
    _expired,
    _unserved,
    _expiry_approaches,
    _hearing_too_late,
    _notification_gaps,
    _conduct_without_order,
    _address_unconfirmed,
    _receipt_not_issued,
    _child,
    _cross_border,
    _dapo_starts,
    _released_unnotified,
    _appointment_unconfirmed,
    _review_due,
)
