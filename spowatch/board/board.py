"""The board at work: looks at the log, draws, takes a key, does one step after the other."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from eventsourcing.persistence import MapperDeserialisationError, PersistenceError
from rich.console import Console
from rich.live import Live

from domain.desk.case import AlertCase
from domain.desk.case_file import case_file
from domain.desk.desk import AlertDesk
from domain.desk.hands import Hand
from domain.desk.steps import Present, Step
from domain.refusals import Refused
from spowatch.board.answering import Answering
from spowatch.board.forms import FORMS
from spowatch.board.keyboard import DOWN, ENTER, ESCAPE, PAGE_DOWN, PAGE_UP, UP, Keyboard
from spowatch.board.screen import Shown, drawn, screen
from spowatch.board.shift_change import ShiftChange
from spowatch.board.watch import Watch
from spowatch.briefing import briefing
from spowatch.briefing.text import render
from spowatch.consulted import of_briefing, put_on_record

if TYPE_CHECKING:
    from spowatch.open_store import Store

_LOOK_EVERY = 0.2
"""Seconds between two looks at the log and at the clock."""
_OFF_DUTY = timedelta(seconds=5)
_MOVES = {UP: -1, "k": -1, DOWN: 1, "j": 1, PAGE_UP: -10, PAGE_DOWN: 10}
_OUT_OF_ORDER = (PersistenceError, OSError)


class Board:
    """One person at one terminal. Whatever is refused is said, and nothing is lost by it."""

    def __init__(
        self, store: "Store", hand: Hand, clock: Callable[[], datetime], console: Console
    ) -> None:
        self._store = store
        self._hand = hand
        self._clock = clock
        self._console = console
        self._shift = ShiftChange(store, hand, clock)
        self._watch = Watch(store, hand.force)
        self._shown = Shown(hand, clock())
        self._answering: Answering | None = None
        self._chosen: UUID | None = None
        self._place: int | None = None
        self._open: list[str] = []
        self._presents_from = clock()
        self._left = False

    def work(self, keyboard: Keyboard) -> None:
        """Until whoever sits there signs off. Raises `HungUp`."""
        with Live(console=self._console, screen=True, auto_refresh=False) as live:
            while not self._left:
                self._look()
                live.update(screen(self._shown, *self._console.size), refresh=True)
                self._painted()
                key = keyboard.key(_LOOK_EVERY)
                while key is not None:
                    self._press(key)
                    key = keyboard.key(0)

    def _look(self) -> None:
        """What changed since; a log that cannot be read is said, and tried again."""
        try:
            if self._watch.catch_up():
                self._console.bell()
            self._shown.trouble = ""
        except _OUT_OF_ORDER as fault:
            self._shown.trouble = f"{fault}; what you see may be out of date"
        self._shown.now = self._clock()
        self._list()

    def _list(self, move: int = 0) -> None:
        """The chosen alert stays chosen wherever it moves to. When it is gone none is, until a move.

        A key meant for one must never be taken for its neighbour.
        """
        rows = self._watch.rows()
        self._shown.announced = self._watch.announced(self._shown.now)
        self._shown.rows, self._shown.unreadable = rows, len(self._watch.unreadable)
        places = {case.id: place for place, case in enumerate(rows)}
        if self._chosen in places:
            self._choose(places[self._chosen] + move)
        elif move or self._place is None:
            self._choose(self._place or 0)
        else:
            self._chosen = self._shown.chosen = None

    def _choose(self, place: int) -> None:
        rows = self._shown.rows
        if rows:
            self._place = self._shown.chosen = max(0, min(place, len(rows) - 1))
            self._chosen = rows[self._place].id

    def _next(self) -> None:
        """To the most urgent that nobody has: a new one is acknowledged with two keys."""
        owners = [case.ownership.owner_at(self._shown.now) for case in self._shown.rows]
        if None in owners:
            self._choose(owners.index(None))
        else:
            self._shown.message = "Somebody has each of them."

    @property
    def _case(self) -> AlertCase | None:
        """The chosen one."""
        return next((case for case in self._shown.rows if case.id == self._chosen), None)

    def _painted(self) -> None:
        """What was painted for the first time anywhere is put on record as that, one at a time."""
        some = drawn(self._shown, self._console.height)
        fresh = next((each for each in some if each.presented_at is None), None)
        if (
            fresh is None
            or self._shown.now < self._presents_from
            or not fresh.is_for(self._hand.force)
        ):
            return
        try:
            self._do(fresh.id, Present())
        except Refused:
            # Whoever is off duty only looks, and may come on.
            self._presents_from = self._shown.now + _OFF_DUTY
        except _OUT_OF_ORDER as fault:
            self._shown.trouble = str(fault)

    def _press(self, key: str) -> None:
        self._shown.message = ""
        if self._answering is not None:
            self._answer(self._answering, key)
        elif self._open and key not in FORMS:
            self._read_on(key)
        elif key in _MOVES:
            self._list(_MOVES[key])
        elif key == "n":
            self._next()
        elif key == "g":
            self._try(self._shift.sign)
        elif key == "q":
            self._try(self._sign_off)
        elif self._case is not None:
            self._act(key, self._case)
        else:
            self._shown.message = "Choose an alert first: arrow keys, or n for the next one."

    def _act(self, key: str, case: AlertCase) -> None:
        if key == ENTER:
            self._try(lambda: self._opened(case.id))
        elif key == "h":
            self._try(lambda: self._shift.pass_on(case))
        elif key in FORMS:
            title, form = FORMS[key]
            self._open, self._shown.text = [], ()
            self._answering = Answering(f"{title} {str(case.id)[:8]}", case.id, form(case))
            self._answered(self._answering)

    def _answer(self, answering: Answering, key: str) -> None:
        if key == ESCAPE:
            self._answering = self._shown.ask = None
        else:
            answering.press(key)
            self._answered(answering)

    def _answered(self, answering: Answering) -> None:
        """On to the next question; after the last of them the step is taken."""
        self._shown.ask, self._shown.typed = answering.ask, answering.typed
        self._shown.message = answering.problem
        if not answering.over:
            return
        self._answering, step = None, answering.step
        if step is not None:
            self._try(lambda: self._done(answering.title, answering.alert, step))

    def _done(self, title: str, alert: UUID, step: Step) -> str:
        self._do(alert, step)
        return f"Done: {title}."

    def _do(self, alert: UUID, step: Step) -> None:
        desk = AlertDesk(self._store.register, rotas=self._store.policy.current().rotas)
        desk.do(alert, self._hand, self._clock(), step)
        self._watch.read(alert)

    def _opened(self, alert: UUID) -> str:
        found = case_file(self._store.register, alert)
        put_on_record(self._store, of_briefing(found), self._clock(), self._hand)
        told = briefing(found.alert, found.order, found.person_orders, self._clock())
        self._open = render(told).splitlines()
        self._shown.text = self._open
        return ""

    def _read_on(self, key: str) -> None:
        if key in (ESCAPE, ENTER, "q"):
            self._open = []
        top = len(self._open) - len(self._shown.text) + _MOVES.get(key, 0)
        self._shown.text = self._open[max(0, min(top, len(self._open) - 1)) :]

    def _sign_off(self) -> str:
        self._shift.sign_off()
        self._left = True
        return ""

    def _try(self, act: Callable[[], str]) -> None:
        """Do it, and say what came of it, be it why not."""
        try:
            self._shown.message = act()
        except Refused as refused:
            self._shown.message = f"Refused. {refused}"
        except (LookupError, MapperDeserialisationError):
            self._shown.message = "It cannot be read; call the on-call team (docs/runbook)."
        except _OUT_OF_ORDER as fault:
            self._shown.message = (
                f"It may not be saved: {fault}. Look at the alert, then try again."
            )
