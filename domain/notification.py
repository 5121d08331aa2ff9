"""The duty to notify: what is owed by when, what meets it, and what does not (ss.9-11)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.calendar import Window, legal_day
from domain.court_orders import CourtOrder, EndCause, OrderKind, Service
from domain.events import RecordedEvent
from domain.facts.notification import NotificationFoundFalse, NotificationReceived
from domain.findings import DutyKind
from domain.history import History, happened, known
from domain.receipts import gives, names_given, plain, told_before, valid
from domain.regimes import ClockStart
from domain.spells import Spell, covering

_Notified = list[RecordedEvent[NotificationReceived]]
"""The notifications that count, by time."""


class DutyState(StrEnum):
    """Where a duty stands; `lapsed_gap` is a lapse the Act did not foresee (s.9(1)(a))."""

    OPEN = "open"
    MET = "met"
    MET_LATE = "met_late"
    MISSED = "missed"
    LAPSED = "lapsed"
    LAPSED_GAP = "lapsed_gap"
    DISPUTED = "disputed"


@dataclass(slots=True)
class Duty:
    """One thing to be notified, its window, and the instant from which the person was bound."""

    kind: DutyKind
    window: Window
    bound_from: datetime
    known_at: datetime
    cause: str
    lapses_at: datetime | None = None
    gap: bool = False
    proven: bool = True
    from_final_day: bool = False
    words: str = ""
    state: DutyState = DutyState.OPEN
    met_by: RecordedEvent | None = None
    doubts: list[str] = field(default_factory=list)

    @property
    def missed(self) -> bool:
        """Whether the window closed on it, whatever came later."""
        return self.state in (DutyState.MISSED, DutyState.MET_LATE)


def duties(history: History, now: datetime) -> list[Duty]:
    """Every duty the facts give rise to, each in its state at `now`, by first day."""
    notified = valid(history)
    found = [
        *_initial_duties(history),
        *_name_duties(history, notified),
        *_address_duties(history, notified),
        *_dapo_duties(history),
    ]
    for duty in found:
        duty.met_by = _meeting(duty, notified)
        _settle(duty, history, notified, now)
    return sorted(found, key=lambda duty: duty.window.first_day)


def _settle(duty: Duty, history: History, notified: _Notified, now: datetime) -> None:
    deadline = duty.window.deadline
    in_time = duty.met_by is not None and happened(duty.met_by) < deadline
    if in_time:
        disputed = any(_disputes(item, duty.met_by, notified) for item in history.found_false)
        duty.state = DutyState.DISPUTED if disputed else DutyState.MET
    elif duty.lapses_at is not None and duty.lapses_at <= min(deadline, now):
        gap = duty.gap or duty.lapses_at == deadline
        duty.state = DutyState.LAPSED_GAP if gap else DutyState.LAPSED
    elif now >= deadline:
        duty.state = DutyState.MISSED if duty.met_by is None else DutyState.MET_LATE
        duty.doubts = list(_doubts(duty, history))


def _meeting(duty: Duty, notified: _Notified) -> RecordedEvent | None:
    """The first valid notification that gave what the duty asks for, in time or late."""
    since = duty.window.opens if duty.kind in _WHOLE_NOTIFICATION else duty.bound_from
    for item in notified:
        if happened(item) >= since and gives(item.event, duty.kind, duty.words):
            return item
    return None


_WHOLE_NOTIFICATION = frozenset({DutyKind.INITIAL, DutyKind.DAPO_INITIAL})


def _disputes(
    found: RecordedEvent[NotificationFoundFalse], met_by: RecordedEvent | None, notified: _Notified
) -> bool:
    """Whether `found` says of this very notification that it was knowingly false."""
    if found.event.knowledge != "known_false":
        return False
    earlier = [item for item in notified if happened(item) <= happened(found)]
    return bool(earlier) and earlier[-1] is met_by


def _doubts(duty: Duty, history: History) -> Iterator[str]:
    """Why a person should look before anyone is arrested for this miss."""
    start, end = duty.bound_from, duty.window.deadline
    if duty.kind is DutyKind.DAPO_INITIAL:
        yield "other_regime"
    if duty.known_at >= end:
        yield "late_recording"
    if not duty.proven:
        yield "service_proof"
    for circumstance, spells in (
        ("custody", history.custody),
        ("hospital", history.hospital),
        ("abroad", history.abroad),
    ):
        if any(spell.overlaps(start, end) for spell in spells):
            yield circumstance


def _initial_duties(history: History) -> Iterator[Duty]:
    for order in (*history.orders, *history.dapos):
        if order.kind is OrderKind.DAPO and history.regime.clock_start is not ClockStart.MADE:
            continue
        duty = _initial_duty(order, history)
        if duty is not None:
            yield duty


def _initial_duty(order: CourtOrder, history: History) -> Duty | None:
    if order.replaces_interim:
        return None
    service = order.service()
    bound = _clock_starts(order, service, history)
    if bound is None:
        return None
    window, bound_from, known_at = bound
    exemption = covering(history.soa, bound_from)
    if exemption is not None:
        return _after_exemption(order, exemption, history)
    duty = Duty(
        DutyKind.INITIAL,
        window,
        bound_from,
        known_at,
        order.name,
        proven=_service_proven(order, service, window),
    )
    _lapse(duty, order, history)
    return duty


def _clock_starts(
    order: CourtOrder, service: Service | None, history: History
) -> tuple[Window, datetime, datetime] | None:
    days = history.regime.notification_days
    clock = history.regime.clock_start if order.kind is not OrderKind.DAPO else ClockStart.MADE
    if clock is ClockStart.MADE and order.kind is not OrderKind.DAPO:
        clock = ClockStart.SERVICE  # a stalking protection order beside the DAPO keeps its own
    if clock is ClockStart.SERVICE:
        if service is None:
            return None
        first = legal_day(service.served_at)
        return Window.of_days(first, days), service.served_at, service.known_at
    if order.kind is OrderKind.DAPO and history.order_at(order.start) is not None:
        return None  # Domestic Abuse Act 2021 s.41(8)(b): off while s.9 applies
    first = order.in_force_on or order.made_on
    return Window.of_days(first, days), order.start, order.start


def _after_exemption(order: CourtOrder, exemption: Spell, history: History) -> Duty | None:
    """s.9(6): exempt when the order was made and free of it while it runs: from the final day."""
    if not exemption.covers(order.start):
        return None
    final_days = (day for spell, day in history.soa_final_days if spell is exemption)
    final_day = next(final_days, None)
    if final_day is None or exemption.end is None or not order.in_force_at(exemption.end):
        return None
    window = Window.of_days(final_day, history.regime.notification_days)
    duty = Duty(
        DutyKind.INITIAL, window, window.opens, window.opens, order.name, from_final_day=True
    )
    _lapse(duty, order, history)
    return duty


def _service_proven(order: CourtOrder, service: Service | None, window: Window) -> bool:
    """Where the clock runs from the making, the order must still be shown to have reached him."""
    if service is not None and service.served_at < window.deadline:
        return service.proven
    return order.defendant_present is True


def _lapse(duty: Duty, order: CourtOrder, history: History) -> None:
    """It falls away with the order, an end later undone included, and under the 2003 Act (s.9(5))."""
    duty.lapses_at = order.end
    duty.gap = order.end is not None and order.cause_of_end is EndCause.REPLACED
    for spell in (*history.soa, *order.interrupted):
        if duty.bound_from < spell.start < (duty.lapses_at or duty.window.deadline):
            duty.lapses_at, duty.gap = spell.start, False


def _name_duties(history: History, notified: _Notified) -> Iterator[Duty]:
    seen: set[str] = set()
    for used in history.names_used:
        name = plain(used.event.name)
        if name in seen or name in names_given(notified, before=happened(used)):
            continue
        duty = _later_duty(DutyKind.NAME, used, name, history, notified)
        if duty is not None:
            seen.add(name)
            yield duty


def _address_duties(history: History, notified: _Notified) -> Iterator[Duty]:
    for moved in history.moves:
        if told_before(moved, history, notified):
            continue
        address = plain(moved.event.to.place)
        duty = _later_duty(DutyKind.ADDRESS, moved, address, history, notified)
        if duty is not None:
            yield duty
    if history.regime.duty_on_losing_home:
        for lost in history.homes_given_up:
            duty = _later_duty(DutyKind.CEASED_HOME, lost, "", history, notified)
            if duty is not None:
                yield duty


def _later_duty(
    kind: DutyKind, cause: RecordedEvent, words: str, history: History, notified: _Notified
) -> Duty | None:
    """A duty of s.9(3) or (4): from the day it happens, while subject to the order and bound."""
    at = happened(cause)
    if covering(history.soa, at) is not None or not _bound_at(history, at):
        return None
    window = Window.of_days(legal_day(at), history.regime.notification_days)
    end = history.subject_until(at) if history.orders else history.dapos[-1].end
    key = f"fact-{cause.originator_version}"
    duty = Duty(kind, window, at, known(cause), key, lapses_at=end, words=words)
    duty.proven = _knows_of_an_order(history, notified, window.deadline)
    exempt = next((spell.start for spell in history.soa if spell.start > at), None)
    if exempt is not None and (end is None or exempt < end):
        duty.lapses_at = exempt
    return duty


def _bound_at(history: History, at: datetime) -> bool:
    order = history.order_at(at)
    if order is None:
        return any(dapo.in_force_at(at) for dapo in history.dapos) and (
            history.regime.clock_start is ClockStart.MADE
        )
    if history.regime.clock_start is ClockStart.IN_FORCE:
        return True
    return any(_served_with(made, at) for made in history.orders if made.in_force_at(at))


def _served_with(order: CourtOrder, at: datetime) -> bool:
    """Served with the order, or with the interim order whose place it took."""
    replaced = order.replaced if order.replaces_interim else None
    return any(made is not None and made.served_by(at) is not None for made in (order, replaced))


def _knows_of_an_order(history: History, notified: _Notified, by: datetime) -> bool:
    """Whether the person was shown one, heard it made, or has come to notify under one."""
    return any(happened(item) < by for item in notified) or any(
        order.defendant_present or any(s.proven and s.served_at < by for s in order.services)
        for order in (*history.orders, *history.dapos)
    )


def _dapo_duties(history: History) -> Iterator[Duty]:
    """DA Act 2021 s.41(9): when the stalking order ends, three days to notify under the DAPO."""
    for dapo in history.dapos:
        for order in history.orders:
            end = order.end
            if end is None or not dapo.in_force_at(end) or history.order_at(end) is not None:
                continue
            if covering(history.soa, end) is not None:
                continue
            window = Window.of_days(legal_day(end), history.regime.notification_days)
            yield Duty(DutyKind.DAPO_INITIAL, window, end, end, dapo.name, lapses_at=dapo.end)
