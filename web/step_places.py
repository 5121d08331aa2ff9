"""Places for those who take steps on alerts: whatever hangs, a crowd of them leaves threads to everybody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, Request

from web.entering import OrderBusy

AT_ONCE = 32
"""Each holds a thread until the store has answered."""
WAITING = 500
"""That may wait besides; they hold no thread. As many are served within the seconds they wait."""
TELLING = 8
"""As many boards at once tell what they painted; one that is sent away tells it again."""
WITHIN = 5.0
"""Seconds one waits: as long as a store is waited for."""


class StepPlaces:
    """Of one event loop."""

    def __init__(self, at_once: int) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._waiting = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A place until the end. Raises `OrderBusy` where too many wait, or for too long."""
        if self._waiting >= WAITING:
            raise OrderBusy
        self._waiting += 1
        try:
            async with asyncio.timeout(WITHIN):
                await self._places.acquire()
        except TimeoutError:
            raise OrderBusy from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()


def _one_of(places: str) -> Any:
    """A place among those that the application keeps under that name."""

    async def placed(request: Request) -> AsyncIterator[None]:
        async with getattr(request.app.state, places).one():
            yield

    return Depends(placed, scope="function")


APlace = Annotated[None, _one_of("step_places")]
"""Last of what a route asks for: nobody has a place before it is known who they are and what they sent.

It is given back before the answer is sent: who does not read theirs keeps nobody out.
"""
APlaceToTell = Annotated[None, _one_of("telling_places")]
