"""Where the pages are served: what each connection that is let in has."""

import socket
from contextlib import closing

from spowatch.serving.web import listening_at
from spowatch.settings.http import HttpSettings


def test_an_answer_does_not_wait_until_its_beginning_is_confirmed() -> None:
    with (
        closing(listening_at(HttpSettings(port=0))) as door,
        socket.create_connection(door.getsockname()),
        door.accept()[0] as let_in,
    ):
        assert let_in.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
