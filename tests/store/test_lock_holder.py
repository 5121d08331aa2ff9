"""Whoever waits for a write lock in vain is told which process has it, and that it is frozen."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from spowatch.doctor.inspection import checks
from spowatch.sheet_faults import sheet_fault
from spowatch.store.lock_holder import Holder, writer_of
from spowatch.store.sqlite_connection import FaultsNamed, StoreUnavailable, Transaction, connect
from spowatch.wiring.sheets import opened_sheet
from tests.stories import NOW, store_at

HOLDS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holding(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLDS, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_who_waits_in_vain_is_told_which_process_to_end(tmp_path: Path) -> None:
    with store_at(tmp_path) as store, opened_sheet(store.settings):
        path = store.settings.sheets_path
        assert writer_of(path) is None
        with holding(path) as process:
            assert writer_of(path) == Holder(process.pid, frozen=False)
            os.kill(process.pid, signal.SIGSTOP)
            os.waitpid(process.pid, os.WUNTRACED)
            assert writer_of(path) == Holder(process.pid, frozen=True)
            told = sheet_fault(path, _refused(path))
            (check,) = [each for each in checks(store, NOW) if each.check == "write locks"]
        assert writer_of(path) is None
        (after,) = [each for each in checks(store, NOW) if each.check == "write locks"]
    assert f"the process {process.pid} is frozen and holds the write lock" in str(told)
    assert f"`kill -9 {process.pid}`" in str(told)
    assert f"sheets.db by the process {process.pid}, which is frozen" in check.found
    assert (check.ok, after.ok) == (False, True)


def _refused(path: Path) -> sqlite3.OperationalError:
    with closing(connect(path, busy_timeout=0)) as connection:
        with pytest.raises(sqlite3.OperationalError) as refused, Transaction(connection):
            pass
        return refused.value


def test_one_that_only_is_at_work_is_not_to_be_ended(tmp_path: Path) -> None:
    with store_at(tmp_path) as store, holding(store.settings.log_path) as process:
        fault = _refused(store.settings.log_path)
        with pytest.raises(StoreUnavailable) as told, FaultsNamed(store.settings.log_path):
            raise fault
    assert f"the process {process.pid} holds the write lock: look what it does" in str(told.value)
    assert "kill" not in str(told.value)
