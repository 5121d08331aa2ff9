"""The doctor's look at what people must do: seal, witness, clocks, erasures, backups."""

from datetime import timedelta
from pathlib import Path

from spowatch.doctor.inspection import checks
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


def test_a_witness_that_has_not_what_was_sealed_is_found(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), now=NOW)
        work_until_idle(store, "seal")
        witness = SealSettings(witness=tmp_path / "witness")
        settings = store.settings.model_copy(update={"seal": witness})
        object.__setattr__(store, "settings", settings)
        assert bad(store) == {"witness"}
        (tmp_path / "witness").mkdir()
        assert bad(store) == {"witness"}
        (tmp_path / "witness").rmdir()
        seal_anew(settings)
        work_until_idle(store, "seal")
        assert bad(store) == set()


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
