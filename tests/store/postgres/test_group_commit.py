import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest
from eventsourcing.persistence import Tracking

from spowatch.store.postgres_faults import OutcomeUnknown
from spowatch.store.postgres_group_commit import MOST_TOGETHER, GroupCommit, Save
from spowatch.store.sqlite_connection import StoreUnavailable
from tests.program import PATIENCE


class Disk:
    """Commits when it is let, and remembers what went together."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.groups: list[list[int]] = []
        self.breaks: Exception | None = None

    def commit(self, saves: Sequence[Save]) -> None:
        self.groups.append([len(each.rows) for each in saves])
        assert self.free.wait(PATIENCE)
        if self.breaks is not None:
            raise self.breaks
        for each in saves:
            each.stored([len(self.groups)])


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(MOST_TOGETHER + 8) as threads:
        yield threads


def save(events: int = 1) -> Save:
    return Save([("order", version, "test.v1", b"") for version in range(events)], None)


def queued(group: GroupCommit, count: int) -> None:
    deadline = monotonic() + PATIENCE
    while len(group._queue) != count:
        assert monotonic() < deadline
        sleep(0.002)


def begin(pool: ThreadPoolExecutor, group: GroupCommit, disk: Disk) -> Future[Sequence[int]]:
    """Somebody leads, and the disk keeps them waiting."""
    leading = pool.submit(group.save, save())
    while not disk.groups:
        sleep(0.002)
    return leading


def test_whoever_comes_meanwhile_goes_together_next(disk: Disk, pool: ThreadPoolExecutor) -> None:
    group = GroupCommit(Path("log"), disk.commit)
    leading = begin(pool, group, disk)
    others = [pool.submit(group.save, save()) for _ in range(5)]
    queued(group, 5)
    disk.free.set()
    assert leading.result() == [1]
    assert [each.result() for each in others] == [[2]] * 5
    assert group.save(Save([], Tracking("desk", 1))) == [3]


def test_no_group_grows_without_end(disk: Disk, pool: ThreadPoolExecutor) -> None:
    group = GroupCommit(Path("log"), disk.commit)
    waiting = [begin(pool, group, disk)]
    waiting += [pool.submit(group.save, save()) for _ in range(MOST_TOGETHER + 3)]
    queued(group, MOST_TOGETHER + 3)
    disk.free.set()
    assert all(each.result() for each in waiting)
    assert [len(each) for each in disk.groups] == [1, MOST_TOGETHER, 3]


def test_a_large_save_goes_alone(disk: Disk, pool: ThreadPoolExecutor) -> None:
    group = GroupCommit(Path("log"), disk.commit)
    waiting = [begin(pool, group, disk)]
    for count, events in enumerate((1, 5000, 1), start=1):
        waiting.append(pool.submit(group.save, save(events)))
        queued(group, count)
    disk.free.set()
    assert all(each.result() for each in waiting)
    assert disk.groups == [[1], [1], [5000], [1]]


def test_a_save_that_waited_too_long_is_given_up_and_holds_nobody_up(
    disk: Disk, pool: ThreadPoolExecutor
) -> None:
    group = GroupCommit(Path("log"), disk.commit, patience=0.05)
    leading = begin(pool, group, disk)
    with pytest.raises(StoreUnavailable, match="other saves of this process took"):
        group.save(save())
    disk.free.set()
    assert leading.result() == [1]
    assert group.save(save()) == [2]


def test_a_save_that_is_on_its_way_is_waited_for(pool: ThreadPoolExecutor) -> None:
    """Its patience ends while it is on its way, and not before: a busy machine is given more of it."""
    assert any(waited_for(pool, patience) for patience in (0.3, 1.0, 5.0))


def waited_for(pool: ThreadPoolExecutor, patience: float) -> bool:
    """Whether two that went together were, though their commit took longer than that."""
    disk = Disk()

    def commit(saves: Sequence[Save]) -> None:
        disk.commit(saves)
        if len(saves) > 1:
            sleep(1.1 * patience)

    group = GroupCommit(Path("log"), commit, patience=patience)
    leading = begin(pool, group, disk)
    others = [pool.submit(group.save, save()) for _ in range(2)]
    while len(group._queue) != len(others) and not any(each.done() for each in others):
        sleep(0.002)
    disk.free.set()
    assert leading.result() == [1]
    faults = [each.exception() for each in others]
    assert all(isinstance(each, StoreUnavailable | None) for each in faults), faults
    return faults == [None, None] and [each.result() for each in others] == [[2], [2]]


@pytest.mark.parametrize(
    ("breaks", "told"),
    [
        (StoreUnavailable(Path("log"), "full", "x"), StoreUnavailable),
        (MemoryError(), OutcomeUnknown),
    ],
)
def test_a_commit_that_failed_is_told_to_all_who_were_in_it(
    disk: Disk, pool: ThreadPoolExecutor, breaks: Exception, told: type[Exception]
) -> None:
    group = GroupCommit(Path("log"), disk.commit)
    disk.breaks = breaks
    leading = begin(pool, group, disk)
    others = [pool.submit(group.save, save()) for _ in range(3)]
    queued(group, 3)
    disk.free.set()
    assert type(leading.exception()) is type(breaks)
    assert {type(each.exception()) for each in others} <= {told, type(breaks)}
    disk.breaks = None
    assert group.save(save())
