"""What the pages work with, built from a store."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime

from domain.desk.desk import AlertDesk
from domain.desk.rota import Rota
from domain.desk.shift_desk import ShiftDesk
from domain.desk.suppression_desk import SuppressionDesk
from spowatch.open_store import Store
from spowatch.policy_file import CurrentRotas
from spowatch.serving.entries import StoreEntries
from spowatch.serving.records import LogRecords
from spowatch.settings.http import RationSettings
from spowatch.wiring.identity import identity
from web.board import Board
from web.hub import Hub
from web.rations import Limits, Rations
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
        # Who is anybody is on nobody's rota: the demo sign-in asks nobody whether they are on duty.
        rotas: Mapping[str, Rota] = {} if known_by is None else CurrentRotas(store.policy)
        yield System(
            register=store.register,
            desk=AlertDesk(store.register, rotas=rotas),
            shifts=ShiftDesk(store.register, rotas=rotas),
            handovers=OpenHandovers(store.register),
            holds=SuppressionDesk(store.register, rotas=rotas),
            board=board,
            hub=hub,
            tallies=Tallies(board),
            sessions=sessions,
            records=LogRecords(store, sheets.alerts),
            entries=StoreEntries(store, clock),
            sheets=sheets,
            rations=rations(store.settings.http.rations),
            now=clock,
            demo=known_by is None,
            machine=socket.gethostname(),
            monitor=store.meters,
            identity=known_by,
        )


def rations(told: RationSettings) -> Rations:
    return Rations(
        Limits(told.reads, told.commands), Limits(told.program_reads, told.program_commands)
    )
