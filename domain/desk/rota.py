"""The rota of a force: who is on duty in which role at an instant, and when nobody is.

Shifts are wall-clock times in London, so that a night on which the clocks change is an hour longer or
shorter and no minute of it is nobody's. All ends are exclusive.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from domain.calendar import LONDON, ONE_DAY, legal_day, start_of
from domain.desk.hands import DeskRole
from domain.facts.words import ShortText, StaffNumber, Word

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]
_WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Shift(_Part):
    """People in a role, on such days, from one time of day to another, be it the next day's.

    The same time twice is a whole day. On a bank holiday only shifts of `holiday` count.
    """

    role: DeskRole
    days: frozenset[Day] = Field(min_length=1)
    begin: time
    end: time
    staff: tuple[StaffNumber, ...] = Field(min_length=1)


class StandIn(_Part):
    """For a time these stand in for everybody of a role; with no staff, the role is stood down."""

    role: DeskRole
    begin: AwareDatetime
    end: AwareDatetime
    staff: tuple[StaffNumber, ...] = ()

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.begin >= self.end:
            msg = "a stand-in must begin before it ends"
            raise ValueError(msg)
        return self


class ContactMethod(_Part):
    """How a person is reached: a channel, and the name of the receiver in its settings."""

    channel: Word
    receiver: ShortText
    last_worked_at: AwareDatetime | None = None


class Rota(_Part):
    """A force's own. `must_be_filled` are the roles without which the desk is not staffed."""

    force: ShortText
    shifts: tuple[Shift, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    holidays: frozenset[date] = frozenset()
    contacts: dict[StaffNumber, tuple[ContactMethod, ...]] = Field(default_factory=dict)
    must_be_filled: frozenset[DeskRole] = frozenset({DeskRole.OPERATOR, DeskRole.SUPERVISOR})

    def on_duty(self, role: DeskRole, at: datetime) -> tuple[str, ...]:
        """Their numbers, each once, in the order of the rota."""
        standing_in = [s for s in self.stand_ins if s.role is role and s.begin <= at < s.end]
        if standing_in:
            return standing_in[-1].staff
        days = (legal_day(at) - ONE_DAY, legal_day(at))
        spells = (spell for day in days for spell in self._spells(role, day))
        on = (name for begin, end, staff in spells if begin <= at < end for name in staff)
        return tuple(dict.fromkeys(on))

    def is_on_duty(self, staff: str, role: DeskRole, at: datetime) -> bool:
        return staff in self.on_duty(role, at)

    def gaps(self, role: DeskRole, begin: datetime, end: datetime) -> Iterator["Gap"]:
        """The times between the two instants in which nobody has the role."""
        gap_begins: datetime | None = None
        for instant in [*self.changes(role, begin, end), end]:
            filled = instant < end and self.on_duty(role, instant)
            if gap_begins is None and not filled and instant < end:
                gap_begins = instant
            elif gap_begins is not None and (filled or instant == end):
                yield Gap(role, gap_begins, instant)
                gap_begins = None

    def unreachable(self, role: DeskRole, at: datetime) -> tuple[str, ...]:
        """Those on duty for whom there is no contact method."""
        return tuple(staff for staff in self.on_duty(role, at) if not self.contacts.get(staff))

    def changes(self, role: DeskRole, begin: datetime, end: datetime) -> Sequence[datetime]:
        """Every instant at which the role may change hands, the first instant asked for included."""
        day, last = legal_day(begin) - ONE_DAY, legal_day(end)
        instants = {begin}
        while day <= last:
            instants |= {i for spell in self._spells(role, day) for i in spell[:2]}
            day += ONE_DAY
        instants |= {i for s in self.stand_ins if s.role is role for i in (s.begin, s.end)}
        return sorted(i for i in instants if begin <= i < end)

    def _spells(
        self, role: DeskRole, day: date
    ) -> Iterator[tuple[datetime, datetime, tuple[str, ...]]]:
        kind: Day = "holiday" if day in self.holidays else _WEEK[day.weekday()]
        for shift in self.shifts:
            if shift.role is role and kind in shift.days:
                ends_on = day + ONE_DAY if shift.end <= shift.begin else day
                yield _instant(day, shift.begin), _instant(ends_on, shift.end), shift.staff


@dataclass(frozen=True, slots=True)
class Gap:
    """From when until when a role is nobody's."""

    role: DeskRole
    begin: datetime
    end: datetime


def _instant(day: date, at: time) -> datetime:
    """When London clocks show it; of an hour shown twice the first, and one never shown is the next."""
    midnight = start_of(day)
    if at == time(0):
        return midnight
    local = datetime.combine(day, at, LONDON)
    return local.astimezone(midnight.tzinfo)


def staffing_faults(rota: Rota, now: datetime, ahead: timedelta) -> list[str]:
    """What must be put right before a shift begins: roles with nobody, people nobody can reach."""
    roles = sorted(rota.must_be_filled)
    return [fault for role in roles for fault in _faults(rota, role, now, now + ahead)]


def _faults(rota: Rota, role: DeskRole, begin: datetime, end: datetime) -> Iterator[str]:
    for gap in rota.gaps(role, begin, end):
        yield f"nobody has the role {role} from {_said(gap.begin)} to {_said(gap.end)}"
    first: dict[str, datetime] = {}
    for instant in rota.changes(role, begin, end):
        for staff in rota.unreachable(role, instant):
            first.setdefault(staff, instant)
    for staff, instant in first.items():
        yield f"{staff} is {role} from {_said(instant)} and cannot be reached"


def _said(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%a %d %b %Y %H:%M %Z}"
