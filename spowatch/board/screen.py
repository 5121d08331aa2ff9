"""What the board shows: the list, one alert in full, the question being asked. Colour is never alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from domain.calendar import LONDON
from domain.desk.case import AlertCase
from domain.desk.hands import Hand
from domain.desk.suppressions import Decision
from spowatch.board.forms import FORMS, Ask
from spowatch.wording.plain_words import plain, said

_STYLE = {1: "bold white on red", 2: "bold yellow", 3: "cyan", 4: "dim"}
_MORE = "h hand over  g sign for it  n next  enter open  q sign off"
_FRAME = 9
"""Lines that are no rows."""
_HELD_BACK = 2
"""Lines in which it is said that something is held back; fewer on a wide screen."""
_ROOM_FOR_KEYS = 18
"""Lines; on a lower screen the alerts are worth more than the list of keys."""

_COLUMNS = (
    ("", 1, 0),
    ("P", 2, 0),
    ("alert", 8, 0),
    ("age", 6, 0),
    ("what", 14, 0),
    ("order", 14, 110),
    ("stage", 10, 130),
    ("owner", 6, 0),
    ("next", 18, 0),
    ("victim", 10, 0),
)
"""Name, characters at least, and the least width of a terminal that has room for it beside the others."""


@dataclass(slots=True)
class Shown:
    """Everything on the screen at one moment."""

    hand: Hand
    now: datetime
    rows: Sequence[AlertCase] = ()
    chosen: int | None = None
    text: Sequence[str] = ()
    """The briefing that is open, from the line scrolled to."""
    ask: Ask | None = None
    typed: str = ""
    message: str = ""
    trouble: str = ""
    unreadable: int = 0
    announced: Sequence[Decision] = ()
    """What is held back by a decision that every board says."""


def screen(shown: Shown, width: int, height: int) -> RenderableType:
    """What is asked and said stands above the list: only the list's end is ever cut off."""
    room = _room(shown, height)
    below = Text("\n".join(shown.text[:room])) if shown.text else _list(shown, width, height)
    return Group(_head(shown), _said(shown, with_keys=height >= _ROOM_FOR_KEYS), below)


def drawn(shown: Shown, height: int) -> Sequence[AlertCase]:
    """The alerts in the list on a screen of so many lines, the chosen one among them; none behind a briefing."""
    if shown.text:
        return ()
    room = _room(shown, height)
    first = max(0, min((shown.chosen or 0) - room // 2, len(shown.rows) - room))
    return shown.rows[first : first + room]


def _room(shown: Shown, height: int) -> int:
    return max(
        1, height - _FRAME - len(_choices(shown.ask)) - (_HELD_BACK if shown.announced else 0)
    )


def _head(shown: Shown) -> RenderableType:
    urgent = sum(case.priority == 1 for case in shown.rows)
    at = shown.now.astimezone(LONDON)
    head = Text(f"{shown.hand.force}  {len(shown.rows)} open, {urgent} of priority 1", style="bold")
    head.append(f"   {at:%a %d %b %H:%M:%S}   {shown.hand.staff}, {plain(shown.hand.role)}")
    if shown.unreadable:
        words = f"\n{shown.unreadable} cannot be read: see `spowatch alerts list`, call the on-call team"
        head.append(words, style="bold red")
    if shown.announced:
        head.append(f"\n{_held_back(shown.announced)}", style="bold yellow")
    if shown.trouble:
        head.append(f"\nNOT LIVE: {shown.trouble}", style="bold white on red")
    return head


def _held_back(decisions: Sequence[Decision]) -> str:
    """The first to end in words, the others counted: `desk suppression list` has them all."""
    decision, decided = decisions[0], decisions[0].decided
    terms, others = decided.conditions, len(decisions) - 1
    who = " and ".join(each for each in (decision.by, decided.seconded_by) if each)
    on = "every order" if decided.order_id is None else "one order"
    return (
        f"NOBODY IS TOLD until {said(decision.ends)} of {terms[0]}{_more(len(terms) - 1)} on {on}: "
        f"{plain(decided.kind)}, by {who}"
        f"{_more(others)}"
    )


def _more(number: int) -> str:
    return f" and {number} more" if number else ""


def _list(shown: Shown, width: int, height: int) -> RenderableType:
    table = Table(expand=True, box=None, pad_edge=False, header_style="dim")
    fits = [width >= needed for _, _, needed in _COLUMNS]
    for name, least, _ in compress(_COLUMNS, fits):
        table.add_column(name, no_wrap=True, overflow="ellipsis", min_width=least)
    chosen = None if shown.chosen is None else shown.rows[shown.chosen]
    for case in drawn(shown, height):
        mark = ">" if case is chosen else " "
        table.add_row(
            *compress((mark, *_cells(case, shown)), fits), style=_STYLE.get(case.priority, "")
        )
    return table if shown.rows else Text("Nothing is open.", style="dim")


def _cells(case: AlertCase, shown: Shown) -> tuple[str, ...]:
    raised = case.raised
    if raised is None:
        return ()
    what = plain(str(raised.code).lower())
    if case.resounded:
        what += f" (+{len(case.resounded)} since)"
    told = "to be told" if case.telling.open else ("told" if case.telling.told_at else "-")
    return (
        f"P{case.priority}",
        str(case.id)[:8],
        length(shown.now - raised.raised_at),
        what,
        raised.reference,
        str(case.stage),
        _owner(case, shown),
        countdown(case, shown.now),
        "OVERDUE" if case.telling.overdue and case.telling.open else told,
    )


def _owner(case: AlertCase, shown: Shown) -> str:
    offer = case.transfer.offer
    if offer is not None:
        return f"offered to {offer.to_force}"
    owner = case.ownership.owner_at(shown.now)
    return "nobody" if owner is None else ("YOU" if owner == shown.hand.staff else owner)


def countdown(case: AlertCase, now: datetime) -> str:
    """What time brings next, and in how long."""
    step, until = case.escalation.fired(), case.ownership.lease_until
    if step is not None:
        return f"{plain(step.tells)} in {length(step.due_at - now)}"
    if case.ownership.staff is not None and until is not None:
        return f"lease {length(until - now)}"
    if case.holding.until is not None and now < case.holding.until:
        return f"held {length(case.holding.until - now)}"
    return "everybody was told" if case.escalation.policy is not None else "starting"


def length(span: timedelta) -> str:
    """`0:42`, `12:05`, `3 h 10`, `2 d 4 h`."""
    seconds = max(0, round(span.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if hours == 0:
        return f"{minutes}:{seconds % 60:02}"
    return f"{hours} h {minutes % 60:02}" if days == 0 else f"{days} d {hours % 24} h"


def _choices(ask: Ask | None) -> list[str]:
    found = () if ask is None else ask.choices
    return [f"{number:>3}  {words}" for number, (_, words) in enumerate(found, 1)]


def _said(shown: Shown, *, with_keys: bool) -> RenderableType:
    lines = Text(shown.message, style="bold")
    if shown.ask is not None:
        keys = f" ({'/'.join(shown.ask.keys)})" if shown.ask.keys else ""
        asked = "\n".join([*_choices(shown.ask), f"{shown.ask.words}{keys}"])
        lines.append(f"\n{asked}\n> {shown.typed}_", style="bold cyan")
    return Panel(Group(lines, Text(_keys(shown, with_keys=with_keys), style="dim")))


def _keys(shown: Shown, *, with_keys: bool) -> str:
    if shown.ask is not None or shown.text:
        return "escape goes back"
    words = [f"{key} {word}" for key, (word, _) in FORMS.items()]
    return "  ".join([*words, _MORE]) if with_keys else "all keys: on a higher screen"
