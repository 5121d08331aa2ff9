"""What the pages work with, built from a store."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime

from domain.desk.desk import AlertDesk
from domain.desk.shift_desk import ShiftDesk
from domain.desk.suppression_desk import SuppressionDesk
from spowatch.entries import StoreEntries
from spowatch.open_store import Store
from spowatch.records import LogRecords
from spowatch.wiring_identity import identity
from web.board import Board
from web.hub import Hub
from web.sessions import Sessions
from web.sheets import Sheets
from web.shifts import OpenHandovers
from web.system import System
from web.views import Tallies


@contextmanager
def system_of(
    store: Store, board: Board, hub: Hub, sheets: Sheets, clock: Callable[[], datetime]
) -> Iterator[System]:
    with (
        closing(Sessions(store.settings.data_dir / "sessions.db", clock)) as sessions,
        identity(store.settings, clock) as known_by,
    ):
        yield System(
            register=store.register,
            # Who is anybody is on nobody's rota: the demo sign-in asks nobody whether they are on duty.
            desk=AlertDesk(store.register),
            shifts=ShiftDesk(store.register),
            handovers=OpenHandovers(store.register),
            holds=SuppressionDesk(store.register),
            board=board,
            hub=hub,
            tallies=Tallies(board),
            sessions=sessions,
            records=LogRecords(store, sheets.alerts),
            entries=StoreEntries(store, clock),
            sheets=sheets,
            now=clock,
            demo=known_by is None,
            machine=socket.gethostname(),
            monitor=store.meters,
            identity=known_by,
        )
