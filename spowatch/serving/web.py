"""How the pages and the API are served: opened, filled, listening, and closed again."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from time import monotonic
from typing import Any

import uvicorn
import uvloop
from anyio.to_thread import current_default_thread_limiter
from starlette.types import ASGIApp

from spowatch.metrics.edge import Measured
from spowatch.open_store import Store
from spowatch.serving.board_start import begin
from spowatch.serving.system import system_of
from spowatch.settings.http import HttpSettings, WebCannotListen
from spowatch.wiring.identity import must_be_a_certificate
from spowatch.wiring.reading import sheets_to_read
from web.app import application
from web.board import Board
from web.following import Following
from web.hub import Hub
from web.prompt_clients import PromptClients
from web.transport import OverTlsAlone
from web.works import Works

_STOPS_WITHIN = 3
"""Seconds for answers that are under way; streams are ended at once."""
_STARTS_WITHIN = 15.0
THREADS = 200
"""For answers under way at once. Anyio's 40 are soon all held by a crowd that waits for one order, and
whoever reports a breach of another waits with them."""
_LATE = 5.0
"""Seconds that a line test may take to a board, beyond what the settings allow."""


@contextmanager
def serving(
    store: Store, show: Callable[[dict[str, Any]], None], clock: Callable[[], datetime]
) -> Iterator[Following]:
    """What the pages keep in memory, which whoever has it keeps up to the log.

    `show` is told the address of the pages.
    """
    settings, line = store.settings.http, store.settings.line_test
    must_be_a_certificate(settings.tls)
    with ExitStack() as stack:
        listening = stack.enter_context(closing(listening_at(settings)))
        hub = Hub()
        works = Works(store.register, monotonic, within=line.every + line.answer_within + _LATE)
        board = Board(store.events, store.register, works, hub.publish, clock)
        begin(board, store)
        board.fill()
        sheets = stack.enter_context(sheets_to_read(store))
        system = stack.enter_context(system_of(store, board, hub, sheets, clock))
        app = Measured(application(system, hosts=settings.names), store.meters.edge)
        store.meters.edge.boards.set_function(lambda: hub.listeners)
        outermost: ASGIApp = OverTlsAlone(app) if settings.over_tls_alone else app
        stack.enter_context(_served(outermost, listening, hub, board.rows()[1], settings.server))
        show({"what": "pages", "address": _address(listening, settings)})
        yield Following(board, sheets.names)


def _address(listening: socket.socket, settings: HttpSettings) -> str:
    host, port = listening.getsockname()[:2]
    scheme = "http" if settings.tls is None else "https"
    return f"{scheme}://[{host}]:{port}/" if ":" in host else f"{scheme}://{host}:{port}/"


def listening_at(settings: HttpSettings) -> socket.socket:
    """Raises `WebCannotListen`, which names the settings."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        door = socket.create_server((settings.host, settings.port), family=family, backlog=512)
    except OSError as fault:
        where = f"SPO_HTTP__HOST {settings.host}, SPO_HTTP__PORT {settings.port}"
        msg = f"cannot listen at {where}: {os.strerror(fault.errno or 0)}"
        raise WebCannotListen(msg) from fault
    # Whoever is let in has it too. Without it an answer's body waits 40 ms until the browser confirms its head.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


@contextmanager
def _served(
    app: ASGIApp,
    listening: socket.socket,
    hub: Hub,
    position: int,
    told: dict[str, Any],
) -> Iterator[None]:
    config = uvicorn.Config(
        app,
        http=PromptClients,
        log_config=None,
        # What goes wrong is logged where it is answered, without a word of the request.
        log_level="critical",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_STOPS_WITHIN,
        h11_max_incomplete_event_size=16 * 1024,
        **told,
    )
    server = uvicorn.Server(config)
    begun = threading.Event()

    async def serve() -> None:
        current_default_thread_limiter().total_tokens = THREADS
        hub.open(asyncio.get_running_loop(), position)
        begun.set()
        await server.serve(sockets=[listening])

    thread = threading.Thread(target=lambda: uvloop.run(serve()), name="http")
    thread.start()
    begun.wait(_STARTS_WITHIN)
    try:
        yield
    finally:
        hub.close()
        server.should_exit = True
        thread.join()
