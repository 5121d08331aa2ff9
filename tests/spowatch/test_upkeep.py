"""The doctor's look at what people must do: seal, witness, clocks, erasures, backups."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from spowatch.doctor.inspection import checks
from spowatch.doctor.upkeep import upkeep
from spowatch.open_store import Store
from spowatch.settings.seal import SealSettings
from spowatch.shredding import shred
from spowatch.wiring.backup import back_up
from spowatch.wiring.keys import key_table
from spowatch.wiring.seal import seal_anew
from tests.stories import NOW, served_order, store_at, tell, work_until_idle

HOUR = timedelta(hours=1)


def bad(store: Store, *, after: timedelta = timedelta(0)) -> set[str]:
    return {check.check for check in checks(store, NOW + after) if not check.ok}


def test_events_that_nobody_seals_are_found(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), now=NOW)
        assert bad(store) == set()
        assert bad(store, after=HOUR) == {"seal"}
        work_until_idle(store, "seal")
        assert bad(store, after=HOUR) == set()


def witness_found(store: Store) -> str:
    """What is wrong with it; nothing where it is right."""
    [found] = [each for each in checks(store, NOW) if each.check == "witness"]
    return "" if found.ok else found.found


@pytest.fixture
def witnessed(tmp_path: Path) -> Iterator[tuple[Store, Path]]:
    """A store of two checkpoints, and the witness that has seen both."""
    with store_at(tmp_path / "store") as store:
        path = tmp_path / "witness"
        seal = SealSettings(witness=path)
        object.__setattr__(store, "settings", store.settings.model_copy(update={"seal": seal}))
        for order in ("KENT-1", "KENT-2"):
            tell(store, order, *served_order(), now=NOW)
            work_until_idle(store, "seal")
        assert witness_found(store) == ""
        yield store, path


def test_a_witness_that_hangs_keeps_no_other_answer_waiting(witnessed: tuple[Store, Path]) -> None:
    """As on a share whose server is gone: the file is there, and reading it never ends."""
    store, path = witnessed
    path.unlink()
    os.mkfifo(path)
    found = {name: told for name, _, told, _ in upkeep(store, NOW, patience=0.2)}
    path.open("wb").close()  # lets go of whoever still reads
    assert found["witness"] == "no answer within 0.2 s"
    assert {"seal", "clock", "erasures", "backup"} < set(found)


def _torn(seen: str) -> str:
    return seen[:-20]


def _emptied(seen: str) -> str:
    return ""


def _altered(seen: str) -> str:
    return seen[:-9] + ("A" if seen[-9] != "A" else "B") + seen[-8:]


def _of_another_log(seen: str) -> str:
    return seen.replace("spowatch/", "another/")


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (_torn, "behind the seal: it ends at"),
        (_emptied, "no whole checkpoint"),
        (_altered, "contradicts the store"),
        (_of_another_log, "is of another log"),
    ],
)
def test_what_is_wrong_with_the_witness_is_said(
    witnessed: tuple[Store, Path], done: Callable[[str], str], said: str
) -> None:
    store, path = witnessed
    path.write_text(done(path.read_text()))
    assert said in witness_found(store)


def test_a_witness_that_has_seen_more_than_a_store_that_was_set_back_is_found(
    witnessed: tuple[Store, Path],
) -> None:
    store, path = witnessed
    with closing(sqlite3.connect(store.settings.checkpoints_path)) as kept, kept:
        kept.execute("DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)")
    assert "the store was set back" in witness_found(store)
    seal_anew(store.settings)
    assert "from before a restore" in witness_found(store)
    path.unlink()
    path.mkdir()
    assert "SPO_SEAL__WITNESS" in witness_found(store)


def test_a_clock_that_is_behind_the_log_is_found(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), now=NOW + HOUR)
        assert bad(store) == {"clock"}


def test_a_key_that_came_back_after_its_erasure_is_found(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), now=NOW)
        with key_table(store.settings) as table:
            before, probe = dict(table.every()), table.probe()
        key_id = shred(store, "KENT-1", "defendant", "retention_ended", at=NOW)
        assert bad(store) == set()
        with key_table(store.settings) as table:
            table._connection.execute("DELETE FROM destroyed")  # type: ignore[attr-defined]  # the one in a file
            table.add({key_id: before[key_id]}, probe=probe or b"")  # type: ignore[dict-item]  # it was not destroyed yet
    with store_at(tmp_path) as store:
        assert bad(store) == {"erasures"}


def test_a_store_that_nobody_backs_up_is_found(tmp_path: Path) -> None:
    with store_at(tmp_path / "store") as store:
        tell(store, "KENT-1", *served_order(), now=NOW)
        work_until_idle(store, "seal")
        assert bad(store, after=48 * HOUR) == {"backup"}
        back_up(store.settings, tmp_path / "backup", with_keys=True, at=NOW + 47 * HOUR)
        assert bad(store, after=48 * HOUR) == set()


@pytest.mark.parametrize("left", ["", "2026-11-2", "2026-11-22T02:30:00", "rubbish"])
def test_a_note_of_a_backup_that_is_not_whole_is_none(left: str, tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), now=NOW)
        work_until_idle(store, "seal")
        store.settings.last_backup_path.write_text(left, encoding="ascii")
        assert bad(store, after=48 * HOUR) == {"backup"}
