"""Views of the board: which force, and which kinds of alert. The same one for the page and its stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from markupsafe import Markup, escape

from domain.alerts import AlertClass
from web import words
from web.access import Person
from web.board import Board, Change
from web.board_rows import BoardRow
from web.rendering import rendered

EVERY_FORCE = "all"
LISTS = ("waiting", "in-hand")
_C = AlertClass
KINDS = {
    "arrest": ("Arrest and review", frozenset({_C.ARREST, _C.REVIEW})),
    "protect": ("Protection", frozenset({_C.PROTECTION})),
    "task": ("Tasks", frozenset({_C.TASK, _C.NOTICE})),
}
_EMPTY_FIELD = 'name="csrf" value=""'
"""As the row is rendered for every board: what is streamed holds nobody's token."""
MOST_ROWS = 200
"""Rows of one list on one page; how many more there are stands under it."""


@dataclass(frozen=True, slots=True)
class View:
    """What one board shows to one person."""

    force: str
    kind: str
    own_force: str

    def shows(self, row: BoardRow | None) -> bool:
        """Whether the row belongs here; an alert offered to the force does too."""
        if row is None or row.alert_class not in KINDS[self.kind][1]:
            return False
        return self.force in {EVERY_FORCE, row.force, row.offered_to}

    @property
    def query(self) -> str:
        return urlencode({"force": self.force, "kind": self.kind})

    def html(self, row: BoardRow) -> str:
        return row_html(row, row.force == self.own_force)

    def told(self, change: Change) -> dict[str, str | None] | None:
        """What a board is told of a change; None when it is none of its business."""
        row = change.after
        if row is not None and self.shows(row):
            return {"id": str(row.id), "list": list_of(row), "html": self.html(row)}
        if self.shows(change.before):
            return {"id": str(change.alert), "list": None, "html": None}
        return None


@dataclass(frozen=True, slots=True)
class Asked:
    """The view as an address asks for it."""

    force: str | None = None
    kind: str | None = None


def view_for(person: Person, asked: Asked) -> View:
    """The view asked for, as far as the person may have it; their own force's otherwise."""
    shown = asked.force if person.everywhere and asked.force else person.force
    return View(shown, asked.kind if asked.kind in KINDS else "arrest", person.force)


def list_of(row: BoardRow) -> str:
    return "waiting" if row.waits else "in-hand"


def lists(rows: Sequence[BoardRow], view: View, csrf: str = "") -> dict[str, list[Markup]]:
    """The rows of each list, rendered, in order; their forms with that token."""
    told: dict[str, list[Markup]] = {name: [] for name in LISTS}
    for row in rows:
        if view.shows(row) and len(told[list_of(row)]) < MOST_ROWS:
            html = view.html(row).replace(_EMPTY_FIELD, f'name="csrf" value="{escape(csrf)}"')
            told[list_of(row)].append(Markup(html))  # noqa: S704 - our own template escaped it
    return told


def counts(rows: Sequence[BoardRow], view: View) -> dict[str, int]:
    """How many rows each list of this view has, and how many of each kind wait for somebody."""
    told = dict.fromkeys(LISTS, 0)
    for kind in KINDS:
        of_kind = View(view.force, kind, view.own_force)
        told[kind] = sum(row.waits and of_kind.shows(row) for row in rows)
    for row in rows:
        if view.shows(row):
            told[list_of(row)] += 1
    return told


class Tallies:
    """The counts of every view at the last position: worked out once, however many boards ask."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._position = -1
        self._rows: list[BoardRow] = []
        self._counts: dict[View, dict[str, int]] = {}

    def at(self, position: int, view: View) -> dict[str, int]:
        """Called on one thread alone."""
        if position != self._position:
            self._rows, _ = self._board.rows()
            self._position, self._counts = position, {}
        if view not in self._counts:
            self._counts[view] = counts(self._rows, view)
        return self._counts[view]


@lru_cache(maxsize=4096)
def row_html(row: BoardRow, own: bool) -> str:  # noqa: FBT001 - a key of the cache
    """One row, the same for the page and for the stream; rendered once for all boards."""
    raised = row.raised
    says = words.announced(raised.code, row.priority, raised.condition, raised.reference)
    return rendered("board_row.html", row=row, own=own, says=says if row.sounds else "")
