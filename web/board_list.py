"""One list of the board in full, page by page: every open alert has its place, however many there are."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.responses import Response

from web.board_rows import BoardRow
from web.rendering import page
from web.requests import SignedIn, TheSystem
from web.views import (
    EVERY_FORCE,
    KINDS,
    MOST_ROWS,
    BoardAsked,
    View,
    list_of,
    view_for,
    with_fields,
)

router = APIRouter(include_in_schema=False)
ListName = Literal["waiting", "in-hand"]


@dataclass(frozen=True, slots=True)
class Part:
    """A page of a list. `begun` rows stand before it; a page begins past the row that stands in `order` there."""

    rows: Sequence[BoardRow]
    begun: int
    total: int
    previous: str | None
    next: str | None


def part(rows: Sequence[BoardRow], after: str) -> Part:
    """The rows past that place in the order of the board: who goes on skips none, whatever left the list meanwhile.

    What became more urgent meanwhile stands before it.
    """
    orders = [row.order for row in rows]
    begin = bisect_right(orders, after)
    end = begin + MOST_ROWS
    before = begin - MOST_ROWS
    return Part(
        rows=rows[begin:end],
        begun=begin,
        total=len(rows),
        previous=None if begin == 0 else orders[before - 1] if before > 0 else "",
        next=orders[end - 1] if end < len(rows) else None,
    )


@router.get("/board/lists/{name}")
def board_list(
    name: ListName,
    system: TheSystem,
    session: SignedIn,
    asked: Annotated[BoardAsked, Depends()],
    after: str = "",
) -> Response:
    """What the board shows of it and what it has no room for, one row each: no episodes."""
    view = view_for(session.person, asked)
    rows, _ = system.board.rows()
    found = part([row for row in rows if view.shows(row) and list_of(row) == name], after)
    here = address(name, view, after)
    return page(
        "board_list.html",
        session=session,
        demo=system.demo,
        view=view,
        every_force=EVERY_FORCE,
        kinds=KINDS,
        name=name,
        found=found,
        here_again=here,
        rows=[with_fields(view.html(row), session.csrf, here) for row in found.rows],
        at=lambda after: address(name, view, after),
    )


def address(name: str, view: View, after: str = "") -> str:
    """Where that page of the list is."""
    past = f"&{urlencode({'after': after})}" if after else ""
    return f"/board/lists/{name}?{view.query}{past}"
