import asyncio
from collections.abc import Callable, Coroutine
from uuid import uuid4

from tests.program import PATIENCE
from web.board import Change
from web.hub import EACH, IN_ONE, KEPT, ROOM, Beat, Changes, Hub, Missed, News


def change(position: int) -> Change:
    return Change(position, uuid4(), None, None)


def changes(*positions: int) -> list[Change]:
    return [change(each) for each in positions]


Scene = Callable[[Hub], Coroutine[None, None, None]]


def run(scene: Scene, runner: asyncio.Runner | None = None) -> None:
    async def opened() -> None:
        hub = Hub()
        hub.open(asyncio.get_running_loop(), 100)
        await asyncio.wait_for(scene(hub), PATIENCE)

    with runner or asyncio.Runner() as running:
        running.run(opened())


class Clocked(asyncio.SelectorEventLoop):
    """Its clock stands still until it is moved."""

    at = 1.0

    def time(self) -> float:
        return self.at


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


async def settled(turns: int = 3) -> None:
    """Let what was handed to the loop run."""
    for _ in range(turns):
        await asyncio.sleep(0)


def test_who_comes_back_is_told_what_was_missed_once_and_in_order() -> None:
    async def scene(hub: Hub) -> None:
        hub.publish(changes(101, 103, 104), 104)
        await settled()
        assert positions(await first(hub, 102, 1)) == [103, 104]

    run(scene)


def test_who_was_away_too_long_is_given_the_whole_board() -> None:
    async def scene(hub: Hub) -> None:
        hub.publish(changes(*range(101, 101 + KEPT + 10)), 101 + KEPT + 10)
        await settled()
        assert isinstance((await first(hub, 110, 1))[0], Missed)
        assert isinstance((await first(hub, 50, 1))[0], Missed)
        assert isinstance((await first(hub, 111, 1))[0], Changes)
        assert positions(await first(hub, 5001, 5)) == list(range(5001, 101 + KEPT + 10))

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
        assert [len(each.earlier) for each in news.each] == [1, 3]

    run(scene)


def test_who_is_cut_off_between_two_messages_is_told_every_change_all_the_same() -> None:
    async def scene(hub: Hub) -> None:
        alert, last = uuid4(), 102 + IN_ONE
        twice = [Change(each, alert, None, None) for each in (101, last)]
        hub.publish([twice[0], *changes(*range(102, last)), twice[1]], last)
        await settled()
        message = (await first(hub, 100, 2))[0]
        assert isinstance(message, Changes)
        (rest,) = await first(hub, message.position, 1)
        assert isinstance(rest, Changes)
        heard = [each for each in (*message.each, *rest.each) if each.alert == alert]
        assert [each.position for each in heard] == [101, last]

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


def test_what_changed_at_the_very_position_one_comes_back_with_is_told_again() -> None:
    """A hold that ends by the clock: the log has not moved since the page was made."""

    async def scene(hub: Hub) -> None:
        hub.publish(changes(100), 100)
        await settled()
        assert positions(await first(hub, 100, 1)) == [100]

    run(scene)


def test_boards_left_alone_are_told_at_once_and_what_follows_together() -> None:
    loop = Clocked()

    async def scene(hub: Hub) -> None:
        told = [asyncio.ensure_future(first(hub, 100, 2)) for _ in range(5)]
        await settled()
        for position in (101, 102, 103):
            hub.publish(changes(position), position)
            await settled()
        assert not any(each.done() for each in told)
        loop.at += 5 * EACH
        await settled(20)
        assert all(each.done() for each in told)
        for news in await asyncio.gather(*told):
            assert [positions([each]) for each in news] == [[101], [102, 103]]

    run(scene, asyncio.Runner(loop_factory=lambda: loop))


def test_much_that_comes_while_it_is_gathered_cuts_nobody_off() -> None:
    loop = Clocked()

    async def scene(hub: Hub) -> None:
        told = asyncio.ensure_future(first(hub, 100, 1 + 2 * ROOM // IN_ONE))
        await settled()
        hub.publish(changes(101), 101)
        await settled()
        for begin in (102, 102 + ROOM):
            hub.publish(changes(*range(begin, begin + ROOM)), begin + ROOM - 1)
            await settled()
        loop.at += EACH
        await settled(20)
        assert told.done()
        assert positions(await told) == list(range(101, 102 + 2 * ROOM))

    run(scene, asyncio.Runner(loop_factory=lambda: loop))


def test_closing_ends_every_stream() -> None:
    async def scene(hub: Hub) -> None:
        heard = asyncio.ensure_future(first(hub, 100, 1))
        await settled()
        hub.close()
        assert await heard == []

    run(scene)
