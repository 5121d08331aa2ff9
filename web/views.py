"""Views of the board: which force, and which kinds of alert. The same one for the page and its stream."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlencode
from uuid import UUID

from markupsafe import Markup, escape
from pydantic_core import to_json

from domain.access import Action
from domain.access_table import may_ever
from domain.alerts import AlertClass, AlertCode
from domain.forces import same_force
from web import words
from web.access import Person
from web.board import Board, Change
from web.board_rows import BoardRow, forces_of
from web.language import ENGLISH, N_, language, speaking
from web.rendering import rendered
from web.works import State

EVERY_FORCE = "all"
LISTS = ("waiting", "in-hand")
_C = AlertClass
KINDS = {
    "arrest": (N_("Arrest and review"), frozenset({_C.ARREST, _C.REVIEW})),
    "protect": (N_("Protection"), frozenset({_C.PROTECTION})),
    "task": (N_("Tasks"), frozenset({_C.TASK, _C.NOTICE})),
}
_EMPTY_FIELD = 'name="csrf" value=""'
"""As the row is rendered for every board: what is streamed holds nobody's token."""
MOST_ROWS = 200
"""Rows of one list on one page; how many more there are stands under it."""


@dataclass(frozen=True, slots=True)
class May:
    """What who looks may do with an alert: take it as their own, and open its page."""

    take: bool
    open: bool


@dataclass(frozen=True, slots=True)
class View:
    """What one board shows to one person."""

    force: str
    kind: str
    own_force: str
    language: str = ENGLISH
    works: bool = True
    """Whether their role ever works alerts: takes them, is called by their sound, is on record as shown them."""
    briefed: bool = True
    """Whether their role ever reads the page of an alert, which is its briefing."""
    reviews: bool = False
    """Whether their role reviews broken glass, which is where an alert about it leads."""

    def shows(self, row: BoardRow | None) -> bool:
        """Whether the row belongs here; an alert offered to the force, or of no force, does too."""
        if row is None or row.alert_class not in KINDS[self.kind][1]:
            return False
        return row.is_for(self.force) or self.force in {EVERY_FORCE, row.offered_to}

    def of(self, works: State) -> State:
        """Of what is held back only what is of a force shown here."""
        shown = (each for each in works.disabled if self.force in {EVERY_FORCE, each.force})
        return replace(works, disabled=tuple(shown))

    @property
    def query(self) -> str:
        return urlencode({"force": self.force, "kind": self.kind})

    def own(self, row: BoardRow) -> bool:
        """Whether it is theirs to take."""
        return self.works and row.is_for(self.own_force)

    def opens(self, row: BoardRow) -> bool:
        """Whether a link may lead to the alert: its page is open to them."""
        of_glass = row.raised.code is AlertCode.GLASS_BROKEN
        forces = forces_of(row)
        theirs = not any(forces) or any(same_force(self.own_force, each) for each in forces)
        return theirs and (self.reviews if of_glass else self.briefed)

    def html(self, row: BoardRow) -> str:
        return row_html(row.shown, self._may(row), self.language)

    def _may(self, row: BoardRow) -> May:
        return May(self.own(row), self.opens(row))

    def unpainted(self, rows: Iterable[BoardRow]) -> list[str]:
        """Their own alerts that nobody is known to have seen yet."""
        return [str(row.id) for row in rows if self.shows(row) and self._unpainted(row)]

    def _unpainted(self, row: BoardRow) -> bool:
        return self.own(row) and not row.presented

    def told(self, changes: Iterable[Change]) -> str | None:
        """What a board is told of these changes, as JSON; None when they are none of its business."""
        told = [each for change in changes if (each := self._told(change)) is not None]
        return f"[{','.join(told)}]" if told else None

    def _told(self, change: Change) -> str | None:
        row, earlier = change.after, change.earlier
        shown = [each for each in earlier if each is not None and self.shows(each)]
        if row is None or not self.shows(row):
            return gone_json(change.alert) if shown else None
        look = self._look(row)
        if len(shown) < len(earlier) or any(self._look(each) != look for each in shown):
            return row_json(row.shown, self._may(row), self._unpainted(row), self.language)
        painted = any(each.presented != row.presented for each in shown)
        return painted_json(row.id) if painted else None

    def _look(self, row: BoardRow) -> tuple[BoardRow, May]:
        return row.shown, self._may(row)


@dataclass(frozen=True, slots=True)
class BoardAsked:
    """The view as an address asks for it."""

    force: str | None = None
    kind: str | None = None


def view_for(person: Person, asked: BoardAsked) -> View:
    """The view asked for, as far as the person may have it; their own force's otherwise."""
    shown = asked.force if person.everywhere and asked.force else person.force
    kind = asked.kind if asked.kind in KINDS else "arrest"
    asked_for = (Action.WORK_ALERT, Action.READ_BRIEFING, Action.REVIEW_GLASS)
    works, briefed, reviews = (may_ever(person.role, each) for each in asked_for)
    return View(shown, kind, person.force, language(), works, briefed, reviews)


def list_of(row: BoardRow) -> str:
    return "waiting" if row.waits else "in-hand"


def lists(rows: Sequence[BoardRow], view: View) -> dict[str, list[Markup]]:
    """The rows of each list, rendered, in order; their forms as they are for everybody.

    Open breaches of one person are one entry, which waits while one of them does.
    """
    told: dict[str, list[Markup]] = {name: [] for name in LISTS}
    for entry in entries(_most_urgent([row for row in rows if view.shows(row)])):
        told[list_of(entry[0])].append(_entry_html(entry, view))
    return told


def _most_urgent(rows: Sequence[BoardRow]) -> list[BoardRow]:
    """As many rows of each list as it has room for: what is left out is the least urgent, in whichever entry."""
    found = sorted(rows, key=lambda row: row.order)
    of_list = ([row for row in found if list_of(row) == name] for name in LISTS)
    return [row for each in of_list for row in each[:MOST_ROWS]]


def entries(rows: Sequence[BoardRow]) -> list[list[BoardRow]]:
    """Rows as they stand on the board: alone, or with the others of their episode, what waits first, then the newest.

    An entry stands where its most urgent act stands that waits; what somebody has lifts nothing.
    """
    of: dict[UUID, list[BoardRow]] = {}
    for row in sorted(rows, key=lambda row: (not row.waits, row.newest_first)):
        of.setdefault(row.episode or row.id, []).append(row)
    return sorted(of.values(), key=_order)


def _order(entry: Sequence[BoardRow]) -> str:
    return min([row.order for row in entry if row.waits] or [row.order for row in entry])


def with_fields(rows: str, csrf: str, here: str) -> Markup:
    """The rows as one person's page has them: their forms with that token, and coming back to `here`."""
    fields = f'name="csrf" value="{escape(csrf)}"><input type="hidden" name="back" value="{escape(here)}"'
    return Markup(rows.replace(_EMPTY_FIELD, fields))  # noqa: S704 - our own templates escaped them


def _entry_html(rows: Sequence[BoardRow], view: View) -> Markup:
    told = [Markup(view.html(row)) for row in rows]  # noqa: S704 - our own template escaped it
    if len(rows) == 1:
        return told[0]
    shown = {
        "of": rows[0].episode,
        "order": _order(rows),
        "since": max(rows, key=lambda row: row.newest_first).raised.raised_at,
        "rows": told,
    }
    return Markup(rendered("board_episode.html", **shown))  # noqa: S704 - our own template escaped it


def counts(rows: Sequence[BoardRow], view: View) -> dict[str, int]:
    """How many rows each list of this view has, and how many of each kind wait for somebody."""
    told = dict.fromkeys(LISTS, 0)
    for kind in KINDS:
        of_kind = replace(view, kind=kind)
        told[kind] = sum(row.waits and of_kind.shows(row) for row in rows)
    for row in rows:
        if view.shows(row):
            told[list_of(row)] += 1
    return told


class Tallies:
    """The counts of every view since the last change: worked out once, however many boards ask."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._generation = -1
        self._rows: list[BoardRow] = []
        self._counts: dict[View, dict[str, int]] = {}

    def of(self, view: View) -> dict[str, int]:
        """Called on one thread alone."""
        generation = self._board.generation
        if generation != self._generation:
            self._rows, _ = self._board.rows()
            self._generation, self._counts = generation, {}
        if view not in self._counts:
            self._counts[view] = counts(self._rows, view)
        return self._counts[view]


@lru_cache(maxsize=4096)
def row_html(row: BoardRow, may: May, spoken: str) -> str:
    """One row as it is `shown`, the same for the page and for the stream; rendered once for all boards."""
    raised = row.raised
    with speaking(spoken):
        says = words.announced(raised.code, row.priority, raised.condition, raised.reference)
        return rendered("board_row.html", row=row, may=may, says=says if row.sounds else "")


@lru_cache(maxsize=4096)
def row_json(row: BoardRow, may: May, unpainted: bool, spoken: str) -> str:  # noqa: FBT001 - a key of the cache
    """One row as it is `shown`, as a board is told of it; written once for all boards."""
    html = row_html(row, may, spoken)
    told = {"id": row.id, "unpainted": unpainted, "html": html}
    return to_json(told).decode()


def gone_json(alert: UUID) -> str:
    """That the board shows an alert no more."""
    return to_json({"id": alert, "gone": True}).decode()


def painted_json(alert: UUID) -> str:
    """That somebody has seen it; the row looks as it did."""
    return to_json({"id": alert, "unpainted": False}).decode()
