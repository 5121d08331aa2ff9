"""A connection whose request does not come, or whose answer is not taken, is let go of: nobody holds a place by waiting."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_WITHIN = 10.0
"""Seconds from the first byte of a request, or from the connection, to the end of its headers."""

REST_WITHIN = 5.0
"""Seconds for the rest of a body that was answered unread. Long enough for a client that sends first and
reads afterwards to find its answer; whoever announced more than it has sees the connection closed, instead
of its next request being taken for the rest of the last one for ever."""

TAKEN_WITHIN = 30.0
"""Seconds in which a client that was sent more than its connection holds takes some of it. A slow one is waited
for: the kernel lets us see that it took something only as a third of what it keeps for it is gone."""


class PromptClients(H11Protocol):
    """As uvicorn serves HTTP, with an end to waiting for a head, for the rest of a body, and for a client that takes nothing."""

    cycle: RequestResponseCycle | None  # type: ignore[assignment]  # as it is until the first request
    _waiting: asyncio.TimerHandle | None = None
    _untaken: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._see_whether_taken()

    def resume_writing(self) -> None:
        self._taken()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        self._taken()
        super().connection_lost(exc)

    def _see_whether_taken(self) -> None:
        """Look again in a while, and cut the client off unless less is left then than now."""
        left = self.transport.get_write_buffer_size()
        self._untaken = self.loop.call_later(TAKEN_WITHIN, self._cut_off_unless_less_than, left)

    def _cut_off_unless_less_than(self, left: int) -> None:
        if self.transport.get_write_buffer_size() < left:
            self._see_whether_taken()
        else:
            self.transport.abort()

    def _taken(self) -> None:
        if self._untaken is not None:
            self._untaken.cancel()
            self._untaken = None

    def _watch(self) -> None:
        """Begin to wait, or stop: what a handler still reads has a limit of its own."""
        if not self._owes():
            self._unwatch()
        elif self._waiting is None:
            self._waiting = self.loop.call_later(self._within(), self._let_go)

    def _owes(self) -> bool:
        """Whether the client has yet to send a head, or the rest of a body that was answered already."""
        return self.cycle is None or self.cycle.response_complete

    def _within(self) -> float:
        return REST_WITHIN if self.cycle is not None and self.cycle.more_body else HEAD_WITHIN

    def _unwatch(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _let_go(self) -> None:
        self._waiting = None
        if self._owes() and not self.transport.is_closing():
            self.transport.close()
