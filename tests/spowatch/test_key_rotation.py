"""A new master key: everything can still be read, and no key is made under the old one."""

from pathlib import Path

import pytest

from spowatch.sealing.seal_key import known_keys, new_seal_key, public_path, seal_key
from spowatch.settings.key import SqliteKeySettings
from spowatch.settings.root import Settings
from spowatch.store.data_key import WrongMasterKey
from spowatch.store.keys import rewrap_all
from spowatch.store.master_key import create_master_key, read_master_key
from spowatch.store.sqlite_connection import StoreUnavailable
from spowatch.wiring.keys import key_table, rotate_the_master_key
from spowatch.wiring.store import opened, throw_away
from tests.forked_program import run
from tests.servers.postgres import postgres
from tests.small_files import files_of_at_most
from tests.spowatch.test_backup import Elsewhere, defendant, elsewhere, made
from tests.stories import served_order, tell

__all__ = ["elsewhere", "postgres"]


def readable(settings: Settings) -> bool:
    with opened(settings) as store:
        return defendant(store) == "Alan Example"


def test_everything_is_read_under_the_new_master_key(elsewhere: Elsewhere) -> None:
    settings = made(elsewhere("of"))
    before = read_master_key(settings.master_key_path)
    assert rotate_the_master_key(settings) == 2
    assert read_master_key(settings.master_key_path) != before
    assert read_master_key(settings.data_dir / "master.key.before") == before
    assert readable(settings)


def test_a_rotation_that_died_half_way_is_ended_by_the_next(elsewhere: Elsewhere) -> None:
    settings = made(elsewhere("of"))
    path = settings.master_key_path
    coming = path.with_name("master.key.next")
    create_master_key(coming)
    with key_table(settings) as table:
        rewrap_all(table, read_master_key(path), read_master_key(coming))
    with pytest.raises(WrongMasterKey), opened(settings):
        pass
    if isinstance(settings.keys, SqliteKeySettings):  # whoever is on call is told the way out
        told = run("doctor", "--data-dir", str(settings.data_dir)).stderr
        assert "has .next after its name, a rotation died: `spowatch keys rotate master`" in told
    assert rotate_the_master_key(settings) == 0
    assert readable(settings)


def test_every_earlier_master_key_is_kept_for_the_backups_from_its_time(tmp_path: Path) -> None:
    settings = made(throw_away(tmp_path / "of"))
    used = []
    for _ in range(3):
        used.append(read_master_key(settings.master_key_path))
        rotate_the_master_key(settings)
    beside = ("master.key.before", "master.key.before-2", "master.key.before-3")
    assert [read_master_key(settings.data_dir / name) for name in beside] == used


def test_a_key_that_a_rotation_set_aside_before_it_died_is_kept_once(tmp_path: Path) -> None:
    settings = made(throw_away(tmp_path / "of"))
    rotate_the_master_key(settings)
    path = settings.master_key_path
    path.with_name("master.key.before-2").hardlink_to(path)
    rotate_the_master_key(settings)
    kept = sorted(each.name for each in path.parent.glob("master.key.*"))
    assert kept == ["master.key.before", "master.key.before-2"]


def test_a_rotation_under_a_wrong_master_key_leaves_nothing_behind(tmp_path: Path) -> None:
    """A key that opens nothing would lie there as if a rotation had died."""
    settings = made(throw_away(tmp_path / "of"))
    settings.master_key_path.unlink()
    create_master_key(settings.master_key_path)
    with pytest.raises(WrongMasterKey):
        rotate_the_master_key(settings)
    assert not settings.master_key_path.with_name("master.key.next").exists()


def test_a_role_that_still_has_the_old_master_key_makes_no_key(elsewhere: Elsewhere) -> None:
    settings = made(elsewhere("of"))
    with opened(settings) as store:
        rotate_the_master_key(settings)
        with pytest.raises(StoreUnavailable, match="was rotated"):
            tell(store, "ESSX-9", *served_order(), person="ESSX-P-1")
    with opened(settings) as store:
        rotate_the_master_key(settings)
        with pytest.raises(StoreUnavailable, match="was rotated"):  # and puts nobody's order aside
            defendant(store)
    with opened(settings) as store:
        tell(store, "ESSX-9", *served_order(), person="ESSX-P-1")


def test_the_seal_goes_on_under_another_key_whose_name_is_added(tmp_path: Path) -> None:
    first = seal_key(tmp_path / "seal.key")
    assert run("keys", "rotate", "seal", "--data-dir", str(tmp_path)).returncode == 0
    second = seal_key(tmp_path / "seal.key")
    known = known_keys(public_path(tmp_path / "seal.key"))
    assert list(known) == [first.origin, second.origin]


def test_a_name_is_added_behind_a_last_line_that_nobody_ended(tmp_path: Path) -> None:
    """Somebody put the key of another store there, for `verify`: both would be one line, and none of them read."""
    first = seal_key(tmp_path / "seal.key")
    public = public_path(tmp_path / "seal.key")
    public.write_text(str(first.public), encoding="ascii")
    second = new_seal_key(tmp_path / "seal.key")
    assert list(known_keys(public)) == [first.origin, second.origin]


def test_a_seal_key_that_could_not_be_written_whole_is_made_once_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "seal.key"
    with files_of_at_most(20), pytest.raises(OSError, match="File too large"):
        seal_key(path)
    key = seal_key(path)
    assert list(known_keys(public_path(path))) == [key.origin]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["seal.key", "seal.pub"]
