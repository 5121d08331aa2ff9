"""The rota of a force: who is on duty in which role at an instant, and when nobody is.

Shifts are wall-clock times in London, so that a night on which the clocks change is an hour longer or
shorter and no minute of it is nobody's. All ends are exclusive.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from domain.calendar import LONDON, ONE_DAY, legal_day, start_of
from domain.desk.contacts import ContactMethod
from domain.desk.hands import DeskRole
from domain.facts.words import ShortText, StaffNumber

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]
_WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_IN_A_WORD: dict[str, tuple[Day, ...]] = {"every": (*_WEEK, "holiday"), "weekdays": _WEEK[:5]}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _days(given: Any) -> Any:
    return _IN_A_WORD.get(given, given) if isinstance(given, str) else given


class Shift(_Part):
    """People in a role, on such days, from one time of day to another, be it the next day's.

    The same time twice is a whole day. On a bank holiday only shifts of `holiday` count. Days may be
    said in a word: `every` (holidays too) or `weekdays`.
    """

    role: DeskRole
    days: Annotated[frozenset[Day], BeforeValidator(_days)] = Field(min_length=1)
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

    def unreachable(
        self, role: DeskRole, at: datetime, works: "Works" = lambda _: True
    ) -> tuple[str, ...]:
        """Those on duty for whom no contact method works."""
        on_duty = self.on_duty(role, at)
        return tuple(each for each in on_duty if not any(map(works, self.contacts.get(each, ()))))

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


Works = Callable[[ContactMethod], bool]
"""Whether a message sent that way arrives, as far as is known."""


@dataclass(frozen=True, slots=True)
class Gap:
    """From when until when a role is nobody's; or, with `staff`, theirs, and they cannot be reached."""

    role: DeskRole
    begin: datetime
    end: datetime
    staff: tuple[str, ...] = ()

    def __str__(self) -> str:
        begin, end = _said(self.begin), _said(self.end)
        if not self.staff:
            return f"nobody has the role {self.role} from {begin} to {end}"
        return f"{', '.join(self.staff)}: {self.role} from {begin} to {end}, and cannot be reached"


def _instant(day: date, at: time) -> datetime:
    """When London clocks show it; of an hour shown twice the first, and one never shown is the next."""
    midnight = start_of(day)
    if at == time(0):
        return midnight
    local = datetime.combine(day, at, LONDON)
    return local.astimezone(midnight.tzinfo)


def staffing_faults(
    rota: Rota, begin: datetime, end: datetime, works: Works = lambda _: True
) -> list[Gap]:
    """What must be put right before it comes: roles with nobody, people nobody can reach."""
    found: list[Gap] = []
    for role in sorted(rota.must_be_filled):
        found += rota.gaps(role, begin, end)
        found += _unreached(rota, role, begin, end, works)
    return found


def _unreached(
    rota: Rota, role: DeskRole, begin: datetime, end: datetime, works: Works
) -> Iterator[Gap]:
    """One for each spell in which somebody is on duty and nobody can tell them."""
    instants = [*rota.changes(role, begin, end), end]
    for each, following in pairwise(instants):
        staff = rota.unreachable(role, each, works)
        if staff:
            yield Gap(role, each, following, staff)


def _said(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%a %d %b %Y %H:%M %Z}"
