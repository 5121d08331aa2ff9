import asyncio
from collections.abc import Callable, Coroutine
from uuid import uuid4

from tests.program import PATIENCE
from web.board import Change
from web.hub import IN_ONE, KEPT, ROOM, Beat, Changes, Hub, Missed, News


def change(position: int) -> Change:
    return Change(position, uuid4(), None, None)


def changes(*positions: int) -> list[Change]:
    return [change(each) for each in positions]


def run(scene: Callable[[Hub], Coroutine[None, None, None]], begin: int = 100) -> None:
    async def opened() -> None:
        hub = Hub()
        hub.open(asyncio.get_running_loop(), begin)
        await asyncio.wait_for(scene(hub), PATIENCE)

    asyncio.run(opened())


def positions(news: list[News]) -> list[int]:
    return [each.position for many in news if isinstance(many, Changes) for each in many.each]


async def first(hub: Hub, after: int, count: int) -> list[News]:
    heard: list[News] = []
    async for news in hub.news(after):
        if not isinstance(news, Beat):
            heard.append(news)
        if len(heard) == count:
            return heard
    return heard


async def settled() -> None:
    """Let what was handed to the loop run."""
    for _ in range(3):
        await asyncio.sleep(0)


def test_who_comes_back_is_told_what_was_missed_once_and_in_order() -> None:
    async def scene(hub: Hub) -> None:
        hub.publish(changes(101, 103, 104), 104)
        await settled()
        assert positions(await first(hub, 101, 1)) == [103, 104]

    run(scene)


def test_who_was_away_too_long_is_given_the_whole_board() -> None:
    async def scene(hub: Hub) -> None:
        hub.publish(changes(*range(101, 101 + KEPT + 10)), 101 + KEPT + 10)
        await settled()
        assert isinstance((await first(hub, 101, 1))[0], Missed)
        assert isinstance((await first(hub, 50, 1))[0], Missed)
        assert positions(await first(hub, 5000, 5)) == list(range(5001, 101 + KEPT + 10))

    run(scene)


def test_who_is_as_far_as_the_log_was_read_missed_nothing_though_no_beat_told_it() -> None:
    async def scene(hub: Hub) -> None:
        hub.publish([], 101)
        hub.publish([], 105)
        heard = asyncio.ensure_future(first(hub, 105, 1))
        await settled()
        hub.publish(changes(106), 106)
        assert positions(await heard) == [106]

    run(scene)


def test_who_never_reads_is_cut_off_and_delays_nobody() -> None:
    async def scene(hub: Hub) -> None:
        frozen, live = hub.news(100), hub.news(100)
        waiting = asyncio.ensure_future(anext(live))
        stuck = asyncio.ensure_future(anext(frozen))
        await settled()
        for number in range(ROOM + 50):
            hub.publish([change(101 + number)], 101 + number)
            await settled()
            while isinstance(news := await waiting, Beat):
                waiting = asyncio.ensure_future(anext(live))
            assert positions([news]) == [101 + number]
            waiting = asyncio.ensure_future(anext(live))
        await stuck
        rest = [each async for each in frozen]
        assert positions(rest) == []
        assert hub.listeners == 1
        waiting.cancel()

    run(scene)


def test_who_was_behind_is_told_of_each_alert_once_as_it_is_now() -> None:
    async def scene(hub: Hub) -> None:
        alert, other = uuid4(), uuid4()
        for position, each in enumerate((alert, other, alert, alert), 101):
            hub.publish([Change(position, each, None, None)], position)
            await settled()
        (news,) = await first(hub, 100, 1)
        assert isinstance(news, Changes)
        assert [(each.alert, each.position) for each in news.each] == [(other, 102), (alert, 104)]

    run(scene)


def test_many_changes_at_once_cut_nobody_off_who_reads() -> None:
    async def scene(hub: Hub) -> None:
        many = list(range(101, 101 + 2 * ROOM))
        hub.publish(changes(*many), many[-1])
        await settled()
        assert positions(await first(hub, 100, len(many) // IN_ONE)) == many

    run(scene)


def test_boards_that_are_as_far_are_given_the_same_news() -> None:
    async def scene(hub: Hub) -> None:
        heard = [asyncio.ensure_future(first(hub, 100, 2)) for _ in range(3)]
        await settled()
        hub.publish(changes(*range(101, 101 + 2 * IN_ONE)), 100 + 2 * IN_ONE)
        told = [await each for each in heard]
        assert told[0] == told[1] == told[2]
        assert all(isinstance(each, Changes) and len(each.each) == IN_ONE for each in told[0])

    run(scene)


def test_who_is_behind_what_is_kept_is_given_the_whole_board() -> None:
    async def scene(hub: Hub) -> None:
        heard = asyncio.ensure_future(first(hub, 100, 1))
        await settled()
        hub.publish(changes(*range(101, 102 + KEPT)), 101 + KEPT)
        assert isinstance((await heard)[0], Missed)

    run(scene)


def test_closing_ends_every_stream() -> None:
    async def scene(hub: Hub) -> None:
        heard = asyncio.ensure_future(first(hub, 100, 1))
        await settled()
        hub.close()
        assert await heard == []

    run(scene)
