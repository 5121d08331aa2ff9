"""A store that was restored or copied tells nobody outside until a person says that it may."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.desk.sending import SENDING, SendingRecord
from spowatch.open_store import Store
from spowatch.releasing import release
from spowatch.sheets import rebuilt
from tests.consumers.outside import Outside
from tests.servers.receiver import Receiver, receiving
from tests.stories import breach, store_at, tell, work_until_idle


@contextmanager
def outside(directory: Path, endpoint: Receiver) -> Iterator[Outside]:
    with store_at(directory) as store:
        yield Outside(store, endpoint)


def held(store: Store) -> set[str]:
    return {str(why) for why in store.register.read(SendingRecord(SENDING)).held.values()}


def test_a_machine_that_starts_again_sends_on(tmp_path: Path) -> None:
    with receiving() as endpoint:
        with outside(tmp_path, endpoint) as first:
            first.breaches(2)
            first.lane().work(0)
        with outside(tmp_path, endpoint) as again:
            tell(again.store, "KENT-1", breach(incident="I-9"))
            work_until_idle(again.store, "alert")
            assert again.lane().work(0) + again.lane(urgent=True).work(0) > 0
            assert held(again.store) == set()


def test_a_log_of_yesterday_waits_and_then_repeats_under_the_same_id(tmp_path: Path) -> None:
    with receiving() as endpoint:
        with outside(tmp_path, endpoint) as before:
            before.breaches(1)
            before.lane().work(0)
            backup(tmp_path)
        with outside(tmp_path, endpoint) as today:
            later(today)
            today.lane(urgent=True).work(0)
        sent = len(endpoint.reached)
        restore(tmp_path)
        with outside(tmp_path, endpoint) as restored:
            later(restored)
            lanes = restored.lane(urgent=True), restored.lane()
            for _ in range(3):
                assert sum(lane.work(0) for lane in lanes) == 0
                restored.clock.pass_time(hours=1)
            assert held(restored.store) == {"log_went_back"}
            assert console(restored.store) == ["SENDING_HELD"]
            assert len(release(restored.store, "PC1", "asked the receiver", restored.clock())) == 1
            assert sum(lane.work(0) for lane in lanes) == 1
            assert held(restored.store) == set()
            assert len(restored.ids) == sent + 1
            assert len(set(restored.ids)) == sent


def test_a_copy_waits_and_the_store_it_was_made_from_does_not(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    with receiving() as endpoint:
        with outside(tmp_path / "store", endpoint) as first:
            first.breaches(1)
            first.lane().work(0)
        shutil.copytree(tmp_path / "store", copy)
        for directory, why in ((tmp_path / "store", set()), (copy, {"new_machine"})):
            with outside(directory, endpoint) as each:
                later(each)
                each.lane(urgent=True).work(0)
                assert held(each.store) == why
        assert len(endpoint.reached) == 2


def test_nothing_goes_out_however_often_the_log_is_read_anew(tmp_path: Path) -> None:
    with receiving() as endpoint:
        with outside(tmp_path, endpoint) as first:
            first.breaches(3)
            later(first)
            lanes = first.lane(urgent=True), first.lane()
            sent = sum(lane.work(0) for lane in lanes)
        assert sent == len(endpoint.reached) == 4
        for _ in range(3):
            forget_everything_but_the_log(tmp_path)
            with outside(tmp_path, endpoint) as again:
                before = alerts(again.store)
                work_until_idle(again.store, "alert", "sweep", "deliver", "project")
                rebuilt(again.store, "all")
                assert [lane.work(0) for lane in (again.lane(urgent=True), again.lane())] == [0, 0]
                assert alerts(again.store) == before
        assert len(endpoint.reached) == sent


def later(each: Outside) -> None:
    tell(each.store, "KENT-1", breach(incident="I-9", markers=["weapon"]))
    work_until_idle(each.store, "alert")


def console(store: Store) -> list[str]:
    said = work_until_idle(store, "deliver")
    return [each["code"] for each in said if each["what"] == "sending_held"]


def alerts(store: Store) -> int:
    events = store.events.read(0, limit=10_000, wait=0)
    return sum(event.topic == "spo.alert-raised.v1" for event in events)


def backup(directory: Path) -> None:
    for name in ("log.db", "keys.db"):
        source = sqlite3.connect(directory / name)
        target = sqlite3.connect(directory / f"{name}.backup")
        source.backup(target)
        source.close()
        target.close()


def restore(directory: Path) -> None:
    for name in ("log.db", "keys.db"):
        for rest in ("-wal", "-shm"):
            (directory / f"{name}{rest}").unlink(missing_ok=True)
        (directory / f"{name}.backup").replace(directory / name)


def forget_everything_but_the_log(directory: Path) -> None:
    """Every sheet and every bookmark."""
    for name in ("sheets.db", "projections.db", "console.jsonl"):
        for path in directory.glob(f"{name}*"):
            path.unlink()
    log = sqlite3.connect(directory / "log.db")
    log.execute("DELETE FROM tracking")
    log.commit()
    log.close()
