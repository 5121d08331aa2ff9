"""The caseload as a page asks for it: whose cases, which queue, in what order, which of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from domain.access import Role
from projections.case_queues import Case, Queue, cases, counts, up_to_date
from projections.sheet import Value
from web.access import Person
from web.system import System

PAGE = 25
EVERY, UP_TO_DATE = "all", "up_to_date"
QUEUES = (*map(str, Queue), UP_TO_DATE, EVERY)
MINE, FORCE = "mine", "force"
_LONGEST_STAFF = 32

_SORTS: Mapping[str, Callable[[Case], Any]] = MappingProxyType(
    {
        "order": lambda case: case.row.reference,
        "officer": lambda case: (case.row.officer is None, case.row.officer),
        "due": lambda case: (case.row.next_deadline is None, case.row.next_deadline),
        "late": lambda case: case.late_by,
        "ends": lambda case: case.row.last_day or date.max,
        "breaches": lambda case: case.row.breaches,
    }
)
"""Without one, what is to be done first comes first."""


@dataclass(frozen=True, slots=True)
class CaseloadAsked:
    """The list as an address asks for it; nothing in it names a person but by staff number."""

    whose: str | None = None
    officer: str | None = None
    queue: str | None = None
    sort: str | None = None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class CaseView:
    """What is shown. `sort` with a minus in front is the other way round; empty is by urgency."""

    whose: str
    force: str
    officer: str | None
    queue: str
    sort: str
    page: int

    @property
    def only(self) -> dict[str, Value]:
        """The columns the cases are narrowed by."""
        told: dict[str, Value] = {"force": self.force}
        return told | ({"officer": self.officer} if self.officer else {})

    @property
    def asked(self) -> dict[str, str]:
        told = {"whose": self.whose, "queue": self.queue, "sort": self.sort}
        return told | ({"officer": self.officer or ""} if self.whose == FORCE else {})

    def address(self, **changes: Any) -> str:
        """The address of this list with something else in it, from its first page."""
        view = replace(self, page=1)
        given = view.asked | {name: str(value) for name, value in changes.items()}
        return "/caseload?" + urlencode({name: value for name, value in given.items() if value})

    def sorted_by(self, column: str) -> str:
        """The address of the list sorted by that column, the other way round when it is already."""
        return self.address(sort=f"-{column}" if self.sort == column else column)

    def direction(self, column: str) -> str:
        """What `aria-sort` says of that column."""
        ways = {column: "ascending", f"-{column}": "descending"}
        return ways.get(self.sort, "none")


def view_of(person: Person, asked: CaseloadAsked) -> CaseView:
    """What was asked for, as far as the person may have it and there is such a thing."""
    mine = person.role is Role.OFFENDER_MANAGER if asked.whose is None else asked.whose == MINE
    officer = person.staff if mine else (asked.officer or "").strip()[:_LONGEST_STAFF]
    sort = asked.sort or ""
    return CaseView(
        whose=MINE if mine else FORCE,
        force=person.force,
        officer=officer or None,
        queue=asked.queue if asked.queue in QUEUES else EVERY,
        sort=sort if sort.removeprefix("-") in _SORTS else "",
        page=int(asked.page) if asked.page and asked.page.isdecimal() else 1,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """`cases` of one page; `total` is how many there are in all, `behind` events are not in it yet.

    `counts` are of each queue, and of this list.
    """

    cases: Sequence[Case]
    total: int
    counts: dict[str, int]
    page: int
    pages: int
    behind: int

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.page * PAGE, self.total)


def found(system: System, view: CaseView, now: datetime) -> Found:
    """One page of the list. Raises `NotBuilt` when there never was a sheet."""
    sheet = system.sheets.caseload
    behind = system.sheets.behind(sheet)
    every = listed(system, view, now)
    by_queue = counts(sheet, view.only, system.board.broken())
    counted = {str(queue): number for queue, number in by_queue.items()}
    pages = max(1, -(-len(every) // PAGE))
    page = min(max(1, view.page), pages)
    return Found(
        cases=every[(page - 1) * PAGE : page * PAGE],
        total=len(every),
        counts=counted | {view.queue: len(every)},
        page=page,
        pages=pages,
        behind=behind,
    )


def listed(system: System, view: CaseView, now: datetime) -> list[Case]:
    """Every case of the list, in the order asked for."""
    told = (system.sheets.caseload, system.register, now, system.board.broken())
    if view.queue == UP_TO_DATE:
        every = up_to_date(*told, only=view.only)
    else:
        queue = None if view.queue == EVERY else Queue(view.queue)
        every = cases(*told, only=view.only, queue=queue)
    if view.sort:
        way = _SORTS[view.sort.removeprefix("-")]
        every.sort(key=way, reverse=view.sort.startswith("-"))
    return every
