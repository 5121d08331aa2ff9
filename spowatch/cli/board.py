"""`alerts work`: the terminal board, from the keyboard alone."""

import signal
import sys
from types import FrameType
from typing import NoReturn

from spowatch.cli.hands import As, OwnForce, Role, Terminal, own_hand
from spowatch.cli.output import BAD_INPUT, DataDir, fail, faults_explained, store_opened


def work(
    *,
    staff: As,
    force: OwnForce,
    role: Role = "operator",
    terminal: Terminal = None,
    data_dir: DataDir = None,
) -> None:
    """Deal with a force's open alerts, live, from the keyboard alone. What is read there is personal.

    Ctrl-C leaves without signing off. The terminal itself is left alone by a kill: `reset` puts it right.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        fail("`alerts work` needs a terminal; programs use `alerts list --json`", BAD_INPUT)
    from rich.console import Console

    from spowatch.board.board import Board
    from spowatch.board.keyboard import HungUp, keyboard
    from spowatch.wiring.store import now

    person = own_hand(staff, role, force, terminal, as_json=False)
    signal.signal(signal.SIGTERM, _end)
    with faults_explained(), store_opened(data_dir) as store:
        board = Board(store, person, now, Console(highlight=False, markup=False, emoji=False))
        with keyboard(sys.stdin.fileno()) as keys:
            try:
                board.work(keys)
            except (KeyboardInterrupt, HungUp):
                return


def _end(_: int, __: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
