"""Places for steps: given back before the answer goes out, so that nobody is kept out by who is slow to take theirs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import Message, Send

from tests.program import PATIENCE
from web.board_pages import OnceShown
from web.entering import OrderBusy
from web.step_places import WAITING, APlace, APlaceToTell, StepPlaces


class OnePlace:
    """An edge with one place for steps and one for boards that tell."""

    def __init__(self) -> None:
        self.looked, self.shown = asyncio.Event(), False
        self._app = FastAPI()
        state = self._app.state
        state.step_places, state.telling_places = StepPlaces(1), StepPlaces(1)
        for route in (self.step, self.tell, self.acknowledge):
            self._app.add_api_route(f"/{route.__name__}", route, methods=["POST"])

    def step(self, _place: APlace) -> Response:
        return Response("done")

    def tell(self, _place: APlaceToTell) -> Response:
        return Response("told")

    def acknowledge(self, _place: APlace) -> Response:
        return OnceShown("/board", self._look)

    def _look(self) -> bool:
        self.looked.set()
        return self.shown

    async def asked(self, path: str, send: Send) -> None:
        async def nothing() -> Message:
            return {"type": "http.request", "body": b""}

        scope = {"type": "http", "method": "POST", "path": path, "headers": [], "query_string": b""}
        await self._app(scope, nothing, send)


async def _at_once(_: Message) -> None:
    """Taken as it comes."""


def run(scene: Callable[[OnePlace], Awaitable[None]]) -> None:
    async def played() -> None:
        await asyncio.wait_for(scene(OnePlace()), PATIENCE)

    asyncio.run(played())


def test_who_is_slow_to_take_an_answer_keeps_nobody_from_a_place() -> None:
    async def scene(edge: OnePlace) -> None:
        for path in ("/step", "/tell"):
            comes, taken = asyncio.Event(), asyncio.Event()

            async def slowly(_: Message, comes: Any = comes, taken: Any = taken) -> None:
                comes.set()
                await taken.wait()

            slow = asyncio.ensure_future(edge.asked(path, slowly))
            await comes.wait()
            await edge.asked(path, _at_once)
            taken.set()
            await slow

    run(scene)


def test_who_waits_for_the_board_to_show_a_step_has_no_place_any_more() -> None:
    async def scene(edge: OnePlace) -> None:
        waits = asyncio.ensure_future(edge.asked("/acknowledge", _at_once))
        await edge.looked.wait()
        await edge.asked("/step", _at_once)
        assert not waits.done()
        edge.shown = True
        await waits

    run(scene)


def test_where_as_many_wait_as_may_one_more_is_told_at_once() -> None:
    async def scene(_: OnePlace) -> None:
        places = StepPlaces(1)

        async def one() -> None:
            async with places.one():
                pass

        async with places.one():
            waiting = [asyncio.ensure_future(one()) for _ in range(WAITING)]
            await asyncio.sleep(0)
            with pytest.raises(OrderBusy):
                await one()
            assert not any(each.done() for each in waiting)
        await asyncio.gather(*waiting)

    run(scene)
