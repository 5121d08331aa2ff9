import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from spowatch.running.register import EVERY_ROLE
from tests.acceptance.case_files import (
    export,
    line,
    migrated,
    new_store,
    order_in_force,
    orders_on_record,
    written,
)
from tests.acceptance.small_disk import obey_permissions, small_disk
from tests.acceptance.systems import bring_in
from tests.forked_program import run
from tests.program import PATIENCE, Program
from tests.program import run as start

COMMANDS = (("import", "facts.jsonl"), ("run",), ("export",), ("doctor",))
every_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])


def attempt(*command: str, store: Path, **more: str) -> tuple[int, str]:
    written(store.parent / "facts.jsonl", [line("A/1")])
    done = run(*command, "--data-dir", str(store), cwd=store.parent, settings=more)
    return done.returncode, done.stderr


@every_command
def test_a_store_never_migrated_says_how_to_make_one(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    status, said = attempt(*command, store=tmp_path / "nowhere")
    assert status == 1
    assert "spowatch migrate" in said
    assert not (tmp_path / "nowhere").exists()


@every_command
def test_a_store_of_a_newer_version_is_left_alone(command: tuple[str, ...], tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    with closing(sqlite3.connect(store / "log.db")) as log:
        log.execute("PRAGMA user_version=99")
    status, said = attempt(*command, store=store)
    assert status == 1
    assert "log.db has schema version 99" in said
    assert "install the release that upgraded it" in said


def test_a_log_that_is_no_database_is_named_with_what_to_do(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    (store / "log.db").write_bytes(b"not a database" * 1000)
    status, said = attempt("import", "facts.jsonl", store=store)
    assert status == 1
    assert "log.db: file is not a database" in said
    assert "restore the last backup" in said


def test_a_directory_nobody_may_write_to_is_named_with_what_to_do(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    file = written(tmp_path / "facts.jsonl", [line("A/1")])
    store.chmod(0o500)
    try:
        done = start("import", str(file), "--data-dir", str(store), prepare=obey_permissions)
    finally:
        store.chmod(0o700)
    assert done.returncode == 1
    assert str(store) in done.stderr
    assert "write access" in done.stderr
    assert orders_on_record(store) == {}


def test_a_full_disk_refuses_and_what_was_acknowledged_is_stored_whole(tmp_path: Path) -> None:
    many = (line(f"D/{number}", *order_in_force()) for number in range(2000))
    file = written(tmp_path / "facts.jsonl", many)
    with small_disk(tmp_path / "small") as disk:
        store = new_store(disk.folder / "store")
        arguments = ("import", "--json", str(file), "--data-dir", str(store))
        done = start(*arguments, prepare=disk.prepare)
        *said, trouble = map(json.loads, done.stdout.splitlines())
        on_record = orders_on_record(store)
    assert done.returncode == 3
    assert "log.db" in trouble["error"]
    assert "disk" in trouble["error"]
    assert said
    assert f"stopped at line {said[-1]['line'] + 1}; nothing after" in trouble["error"]
    assert on_record == {each["order"]: each["accepted"] for each in said}


def test_a_second_system_on_the_same_store_is_refused(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    with Program("run", "--data-dir", str(store)) as first:
        first.said.until(lambda said: said.startswith("READY"))
        status, said = attempt("run", store=store)
    assert status == 1
    assert "another process already runs the role" in said
    assert str(store) in said


DAMAGED = {
    "sweep": ("sheets.db", b"not a database" * 1000, "file is not a database; delete it"),
    "deliver": ("console.jsonl", b"not a message\n", "line 1 is not a message; move it aside"),
}


@pytest.mark.parametrize("role", DAMAGED)
def test_a_role_that_cannot_start_is_named_with_what_to_do(role: str, tmp_path: Path) -> None:
    name, content, told = DAMAGED[role]
    store = new_store(tmp_path / "store")
    (store / name).write_bytes(content)
    with supervisor(tmp_path / "notify") as (asked, listening):
        done = run("run", "alert", role, "--data-dir", str(store), settings=asked)
        assert listening.recv(100) == b"STOPPING=1"
    (line,) = [each for each in done.stderr.splitlines() if each.startswith("spowatch: ")]
    assert done.returncode == 1
    assert f"the role {role} could not start: {store / name}: {told}" in line
    assert f"READY {role}" not in done.stdout
    assert "Traceback" not in done.stderr
    (store / name).unlink()
    with supervisor(tmp_path / "mended") as (asked, listening):
        arguments = ("run", "alert", role, "--data-dir", str(store))
        with Program(*arguments, settings=asked) as mended:
            assert listening.recv(100) == b"READY=1"
            ready = {mended.said.next(), mended.said.next()}
            assert mended.stop() == 0
        assert listening.recv(100) == b"STOPPING=1"
    assert ready == {f"READY {each} {mended.process.pid}" for each in ("alert", role)}


@contextmanager
def supervisor(path: Path) -> Iterator[tuple[dict[str, str], socket.socket]]:
    """The setting by which one such as systemd asks to be told, and where it listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(path))
        listening.settimeout(PATIENCE)
        yield {"NOTIFY_SOCKET": str(path)}, listening


def test_a_sheet_whose_place_is_taken_is_not_to_be_deleted(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    (store / "sheets.db").mkdir()
    status, said = attempt("run", "sweep", store=store)
    assert status == 1
    assert f"the role sweep could not start: {store / 'sheets.db'}: unable to open" in said
    assert "check the path" in said


def test_a_lost_master_key_is_not_made_anew(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    (store / "master.key").rename(tmp_path / "backup")
    status, said = attempt("migrate", store=store)
    assert status == 1
    assert f"{store / 'master.key'}: the master key of {store / 'keys.db'} is missing" in said
    assert "or restore it from its backup" in said
    assert not (store / "master.key").exists()
    (tmp_path / "backup").rename(store / "master.key")
    assert attempt("migrate", store=store)[0] == 0


def test_a_log_whose_keys_are_all_lost_gets_no_new_master_key(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    (store / "master.key").unlink()
    (store / "keys.db").unlink()
    status, said = attempt("migrate", store=store)
    assert status == 1
    assert f"the master key of {store / 'log.db'} is missing" in said


@pytest.mark.parametrize("command", [*COMMANDS, ("migrate",), ("digest",), ("orders", "list")])
def test_another_stores_master_key_is_refused_by_every_command(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    store, other = new_store(tmp_path / "store"), migrated(tmp_path / "other")
    (other / "master.key").replace(store / "master.key")
    status, said = attempt(*command, store=store)
    assert status == 1
    assert f"{store / 'keys.db'} was made under another master key" in said
    assert "restore the right master key from its backup" in said
    assert "Traceback" not in said


def test_a_record_that_cannot_be_read_is_named_and_the_export_goes_on(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    written(tmp_path / "order.jsonl", [line("A/1", *order_in_force()), line("A/2")])
    assert attempt("import", "order.jsonl", store=store)[0] == 0
    before = export(store)
    with closing(sqlite3.connect(store / "log.db")) as log, log:
        log.execute("UPDATE events SET state = '{}' WHERE position = 2")
    after = export(store)
    unreadable = after.pop(1)
    assert after == before[:1] + before[2:]
    assert (unreadable["order"], unreadable["unreadable"]) == ("A/1", "UnreadableEvent")
    told = run("import", "order.jsonl", "--data-dir", str(store), cwd=tmp_path)
    assert told.returncode == 2
    where = f"version {unreadable['version']} of {unreadable['stream']}"
    assert f"{where} cannot be read" in told.stdout
    assert "docs/runbook/operations.md" in told.stdout


@pytest.mark.parametrize("name", ["SPO_DATADIR", "SPO_LOG__PAHT", "SPO_TRANSPORT__KIND"])
def test_a_misspelt_setting_stops_the_start(name: str, tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    status, said = attempt("run", store=store, **{name: "Persephone"})
    assert status == 2
    assert name in said
    assert "docs/reference/settings.md" in said
    assert "Persephone" not in said


def test_a_role_nobody_knows_is_named_beside_those_there_are(tmp_path: Path) -> None:
    status, said = attempt("run", "alarm", store=new_store(tmp_path / "store"))
    assert status == 2
    assert "alarm" in said
    assert all(role in said for role in EVERY_ROLE)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    status, said = attempt("import", "no-such-file.jsonl", store=new_store(tmp_path / "store"))
    assert status == 2
    assert "no-such-file.jsonl: No such file" in said


def test_a_file_without_a_case_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    status, said = attempt("import", "empty.jsonl", store=new_store(tmp_path / "store"))
    assert status == 0
    assert said == "spowatch: empty.jsonl: there is no case in it; nothing was recorded\n"


def test_a_rehearsal_saves_nothing(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    status, _ = attempt("import", "--dry-run", "facts.jsonl", store=store)
    assert status == 0
    assert orders_on_record(store) == {}


def test_no_role_starts_where_none_of_the_logs_keys_is_there(tmp_path: Path) -> None:
    store, other = new_store(tmp_path / "store"), new_store(tmp_path / "other")
    bring_in(store, "i-1")
    (other / "keys.db").replace(store / "keys.db")
    status, said = attempt("run", "alert", store=store)
    assert (status, said.count("\n")) == (1, 1)
    assert f"{store / 'keys.db'}: none of this log's keys is there" in said
    assert "docs/how-to/back-up-and-restore.md" in said
