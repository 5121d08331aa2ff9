"""A backup gives the store back, whole or as it was at a second, and nobody who was erased."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.personal import ErasedText
from spowatch.backup.manifest import BackupRefused, Manifest
from spowatch.backup.restoring import Restored
from spowatch.doctor.inspection import digest
from spowatch.doctor.surroundings import surroundings
from spowatch.keys_there import refuse_without_keys
from spowatch.open_store import Store
from spowatch.releasing import release
from spowatch.settings.key import PostgresKeySettings
from spowatch.settings.root import PostgresLogSettings, Settings
from spowatch.shredding import shred
from spowatch.store.log_refill import NEVER_GIVEN_AGAIN
from spowatch.store.sqlite_connection import StoreUnavailable
from spowatch.wiring.backup import back_up, restore
from spowatch.wiring.store import migrate, opened, throw_away
from tests.consumers.outside import Outside
from tests.servers.postgres import Cluster, postgres
from tests.servers.receiver import receiving
from tests.store.postgres.key_places import unmigrated_keys
from tests.store.postgres.places import unmigrated
from tests.stories import breach, served_order, tell, work_until_idle

__all__ = ["postgres"]

T = datetime(2026, 12, 6, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Elsewhere = Callable[[str], Settings]


@pytest.fixture(params=["sqlite", "postgres"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Elsewhere:
    """Settings of a store that is not made yet, each with its master key in its folder."""

    def on_sqlite(name: str) -> Settings:
        return throw_away(tmp_path / name)

    def on_postgres(name: str) -> Settings:
        cluster: Cluster = request.getfixturevalue("postgres")
        log = PostgresLogSettings(kind="postgres", dsn=SecretStr(unmigrated(cluster).owner))
        keys = PostgresKeySettings(kind="postgres", dsn=SecretStr(unmigrated_keys(cluster).owner))
        return on_sqlite(name).model_copy(update={"log": log, "keys": keys})

    return {"sqlite": on_sqlite, "postgres": on_postgres}[request.param]


def made(settings: Settings, order: str = "KENT-1") -> Settings:
    settings.data_dir.mkdir()
    migrate(settings)
    with opened(settings) as store:
        tell(store, order, *served_order(), now=T)
        tell(store, order, breach(), now=T + MINUTE)
        work_until_idle(store, "alert")
    return settings


def restored(backup: Path, into: Settings, of: Settings, to: datetime | None = None) -> Restored:
    """With the master key brought from the store that was backed up."""
    into.data_dir.mkdir(exist_ok=True)
    shutil.copy(of.master_key_path, into.master_key_path)
    return restore(into, backup, to=to, keys_folder=None, without_keys=False)


def defendant(store: Store) -> object:
    applied = store.register.order("KENT-1").facts[0].event
    return applied.defendant.name  # type: ignore[attr-defined]  # what stands there is known


def taken(settings: Settings, folder: Path) -> Manifest:
    return back_up(settings, folder, with_keys=True, at=T + 20 * MINUTE)


def test_a_restored_store_is_the_one_that_was_backed_up(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    of, into = made(elsewhere("of")), elsewhere("into")
    with opened(of) as store:
        before = digest(store)
        made_of = taken(of, tmp_path / "backup")
    assert (made_of.rows, made_of.log_root) == (before["events"], before["log_root"])
    restored(tmp_path / "backup", into, of)
    with opened(into) as store:
        assert digest(store) == before
        assert defendant(store) == "Alan Example"
        tell(store, "KENT-1", breach(incident="another"), now=T + 9 * MINUTE)
        after = digest(store)["last_position"]
    assert after > before["last_position"] + NEVER_GIVEN_AGAIN


def test_a_store_is_restored_to_the_second(elsewhere: Elsewhere, tmp_path: Path) -> None:
    of, into = made(elsewhere("of")), elsewhere("into")
    instants = [T + minutes * MINUTE for minutes in (3, 7)]
    roots = []
    with opened(of) as store:
        for instant in instants:
            tell(store, "KENT-1", breach(incident=f"at {instant}"), now=instant)
            roots.append(digest(store)["log_root"])
    taken(of, tmp_path / "backup")
    second = timedelta(seconds=1)
    done = restored(tmp_path / "backup", into, of, instants[1] - second)
    with opened(into) as store:
        assert digest(store)["log_root"] == roots[0]
    assert done.left_out > 0


def test_an_erased_person_does_not_come_back_with_the_keys(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    of = made(elsewhere("of"))
    old = taken(of, tmp_path / "old")
    with opened(of) as store:
        shred(store, "KENT-1", "defendant", "retention_ended", at=T + 5 * MINUTE)
    taken(of, tmp_path / "new")
    cut, listed, neither = elsewhere("cut"), elsewhere("listed"), elsewhere("neither")
    restored(tmp_path / "new", cut, of, T + 2 * MINUTE)  # the newer log knows of the erasure
    listed.data_dir.mkdir()
    shutil.copy(of.erased_path, listed.erased_path)  # the list outside every store does
    restored(tmp_path / "old", listed, of)
    restored(tmp_path / "old", neither, of)
    for settings, erased in ((cut, True), (listed, True), (neither, False)):
        with opened(settings) as store:
            assert isinstance(defendant(store), ErasedText) is erased, settings.data_dir
            assert digest(store)["log_root"] == old.log_root


def test_a_folder_that_is_not_empty_keeps_its_mode(tmp_path: Path) -> None:
    """It may be everybody's: /tmp, said by a slip of the hand."""
    of, everybodys = made(throw_away(tmp_path / "of")), tmp_path / "everybodys"
    everybodys.mkdir()
    (everybodys / "another's").touch()
    everybodys.chmod(0o777)
    with pytest.raises(BackupRefused, match="not empty"):
        taken(of, everybodys)
    assert everybodys.stat().st_mode & 0o777 == 0o777


def test_what_is_no_whole_backup_is_refused(tmp_path: Path) -> None:
    of, into = made(throw_away(tmp_path / "of")), throw_away(tmp_path / "into")
    backup = tmp_path / "backup"
    taken(of, backup)
    with pytest.raises(BackupRefused, match="not empty"):
        taken(of, backup)
    with pytest.raises(BackupRefused, match="holds no backup"):
        restored(tmp_path, into, of)
    with pytest.raises(BackupRefused, match="knows nothing after"):
        restored(backup, into, of, T + timedelta(days=1))
    with pytest.raises(BackupRefused, match="nothing from before"):
        restored(backup, into, of, T - timedelta(days=1))
    with (backup / "log.db").open("r+b") as file:
        file.seek(9000)
        file.write(b"!")
    with pytest.raises(BackupRefused, match="is damaged"):
        restored(backup, into, of)
    assert not into.log_path.exists()


@pytest.mark.parametrize("left", ["log.db-wal", "sheets.db", "projections.db", "relay.db"])
def test_nothing_is_restored_beside_what_another_log_left(left: str, tmp_path: Path) -> None:
    """A -wal would be played into the new log, and a sheet would go on from where the old one was."""
    of, into = made(throw_away(tmp_path / "of")), throw_away(tmp_path / "into")
    taken(of, tmp_path / "backup")
    into.data_dir.mkdir()
    (into.data_dir / left).write_bytes(b"of the log that was here")
    with pytest.raises(StoreUnavailable, match=f"{left}: it is of a log that was here before"):
        restored(tmp_path / "backup", into, of)
    (into.data_dir / left).unlink()
    restored(tmp_path / "backup", into, of)


@pytest.mark.parametrize("left", ["log.db-wal", "keys.db-wal"])
def test_what_another_store_left_is_played_into_no_new_one_and_kept(
    left: str, tmp_path: Path
) -> None:
    (tmp_path / left).write_bytes(b"of the store that was here")
    migrate(throw_away(tmp_path))
    [kept] = tmp_path.glob(f"{left}.left-*")
    assert kept.read_bytes() == b"of the store that was here"


def test_a_backup_without_its_own_keys_is_refused(tmp_path: Path) -> None:
    of, other = made(throw_away(tmp_path / "of")), made(throw_away(tmp_path / "other"), "ESSX-9")
    backup, into = tmp_path / "backup", throw_away(tmp_path / "into")
    taken(of, backup)
    taken(other, tmp_path / "others")
    (backup / "keys").rename(tmp_path / "moved")
    with pytest.raises(BackupRefused, match="without its keys"):
        restored(backup, into, of)
    foreign = tmp_path / "others" / "keys"
    with pytest.raises(BackupRefused, match="under another master key"):
        restore(into, backup, to=None, keys_folder=foreign, without_keys=False)
    shutil.copy(other.master_key_path, into.master_key_path)
    with pytest.raises(BackupRefused, match="another store's"):
        restore(into, backup, to=None, keys_folder=foreign, without_keys=False)
    shutil.copy(of.master_key_path, into.master_key_path)
    moved = tmp_path / "moved"
    assert restore(into, backup, to=None, keys_folder=moved, without_keys=False).keys == 2


def keys_found(store: Store) -> str:
    return next(
        found for name, _, found, _ in surroundings(store, lambda: T, None) if name == "keys"
    )


def test_a_store_without_its_keys_says_so_and_has_all_once_they_are_brought(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    of, keyless, whole = made(elsewhere("of")), elsewhere("keyless"), elsewhere("whole")
    taken(of, tmp_path / "backup")
    keyless.data_dir.mkdir()
    shutil.copy(of.master_key_path, keyless.master_key_path)
    (tmp_path / "backup" / "keys").rename(tmp_path / "keys")
    restore(keyless, tmp_path / "backup", to=None, keys_folder=None, without_keys=True)
    with opened(keyless) as store:
        assert keys_found(store).endswith("lacks 2 of 2 asked for")
        with pytest.raises(StoreUnavailable, match=r"none of this log's keys.*restore again with"):
            refuse_without_keys(store)
        # Of one who came later there is a key: the others' are still missing, and this one is read.
        tell(store, "ESSX-9", *served_order(), now=T + MINUTE)
        refuse_without_keys(store)
        assert keys_found(store).endswith("lacks 2 of 4 asked for")
    back_up(keyless, tmp_path / "again", with_keys=False, at=T)
    whole.data_dir.mkdir()
    shutil.copy(of.master_key_path, whole.master_key_path)
    restore(whole, tmp_path / "again", to=None, keys_folder=tmp_path / "keys", without_keys=False)
    with opened(whole) as store:
        refuse_without_keys(store)
        assert defendant(store) == "Alan Example"


def test_a_backup_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    of = made(throw_away(tmp_path / "of"))
    taken(of, tmp_path / "backup")
    manifest = tmp_path / "backup" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(BackupRefused, match="newer release"):
        restored(tmp_path / "backup", throw_away(tmp_path / "into"), of)


def test_a_restored_store_sends_nothing_before_a_person_says_so(tmp_path: Path) -> None:
    of, into = throw_away(tmp_path / "of"), throw_away(tmp_path / "into")
    of.data_dir.mkdir()
    migrate(of)
    with receiving() as endpoint:
        with opened(of) as store:
            before = Outside(store, endpoint)
            before.breaches(2)
            before.lane().work(0)
            sent = before.ids
            taken(of, tmp_path / "backup")
        restored(tmp_path / "backup", into, of)
        with opened(into) as store:
            after = Outside(store, endpoint)
            assert after.lane().work(0) == 0
            assert release(store, "PC1", "asked the receivers", T) != ()
            after.lane().work(0)
            assert after.ids == sent  # what the log holds as taken is not sent again
