"""The seal as its operator meets it: signed by the role, killed at will, checked by a command."""

import json
import re
import shutil
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from spowatch.sealing.witness import WitnessFile
from tests.acceptance.case_files import new_store
from tests.acceptance.systems import bring_in, up
from tests.faults.tampered_tables import SqliteTable
from tests.forked_program import run
from tests.program import PATIENCE


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sealed")
    bring_in(new_store(folder / "store"), "first")
    sealed_until(folder / "store", folder / "witness")
    return folder


@pytest.fixture
def sealed(made: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A store with a breach in it, sealed; and its witness."""
    shutil.copytree(made, tmp_path / "sealed")
    return tmp_path / "sealed" / "store", tmp_path / "sealed" / "witness"


def sealed_until(store: Path, witness: Path) -> None:
    """Killed as soon as it has sealed; a new one seals at once what it finds."""
    before = WitnessFile(witness).last()
    with up(store, "seal", settings={"SPO_SEAL__WITNESS": str(witness)}):
        deadline = monotonic() + PATIENCE
        while WitnessFile(witness).last() == before and monotonic() < deadline:
            sleep(0.02)


def verify(store: Path, *more: str) -> Any:
    return run("verify", "--data-dir", str(store), *more)


def told(store: Path, witness: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(verify(store, "--witness", str(witness), "--json").stdout)
    return found


def test_a_sealed_log_is_verified_against_its_witness_alone(sealed: tuple[Path, Path]) -> None:
    store, witness = sealed
    for name in ("seal.db", "seal.db-wal", "seal.db-shm", "keys.db", "master.key", "seal.key"):
        (store / name).unlink(missing_ok=True)
    found = told(store, witness)
    assert found["ok"]
    assert found["witnessed"]
    assert found["events"] == found["sealed"] > 5
    keyless = verify(store, "--witness", str(witness), "--public-key", str(store / "none"))
    assert keyless.returncode == 2
    assert "name the public keys of the seal with --public-key" in keyless.stderr


def test_a_killed_sealer_goes_on_and_an_erased_person_leaves_the_seal_whole(
    sealed: tuple[Path, Path],
) -> None:
    store, witness = sealed
    before = told(store, witness)["sealed"]
    shredded = ("shred", "KENT/1", "--about", "defendant", "--reason", "request", "--yes")
    assert run(*shredded, "--data-dir", str(store)).returncode == 0
    sealed_until(store, witness)
    found = told(store, witness)
    assert found["ok"]
    assert found["sealed"] > before


def test_the_first_event_that_was_altered_is_named(sealed: tuple[Path, Path]) -> None:
    store, witness = sealed
    table = SqliteTable(store / "log.db")
    rows = table.rows()
    rows[4][4] = rows[4][4][:-1] + b" "
    table.replace(rows)
    done = verify(store, "--witness", str(witness))
    assert done.returncode == 1
    assert done.stdout.startswith("position 5 was altered (sealed by spowatch/")
    assert "NOT what was sealed" in done.stdout


def test_a_witness_that_is_missing_damaged_or_of_another_store_is_said_plainly(
    sealed: tuple[Path, Path], tmp_path: Path
) -> None:
    store, witness = sealed
    other, others = new_store(tmp_path / "other"), tmp_path / "others"
    bring_in(other, "second")
    sealed_until(other, others)
    missing = verify(store, "--witness", str(tmp_path / "none"))
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    assert "SPO_SEAL__WITNESS" in missing.stderr
    foreign = verify(store, "--witness", str(others))
    assert (foreign.returncode, foreign.stderr.count("\n")) == (2, 1)
    assert "whose public key was not given" in foreign.stderr
    keys = str(other / "seal.pub")
    (found,) = json.loads(
        verify(store, "--witness", str(others), "--public-key", keys, "--json").stdout
    )["differences"]
    assert found["first"] == 1
    witness.write_bytes(witness.read_bytes() + b"\n\nspowatch/")
    torn = verify(store, "--witness", str(witness))
    assert (torn.returncode, "torn by a crash or cut off: 1\n" in torn.stdout) == (0, True)
    witness.write_bytes(b"\xff rubbish")
    damaged = verify(store, "--witness", str(witness))
    assert (damaged.returncode, damaged.stderr.count("\n")) == (2, 1)
    assert re.search("no whole checkpoint.*operations.md#seal_refused", damaged.stderr)


def test_a_seal_key_that_others_may_read_stops_the_role_in_one_line(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    (store / "seal.key").write_text("x", encoding="ascii")
    (store / "seal.key").chmod(0o644)
    done = run("run", "seal", "--data-dir", str(store))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "SPO_SEAL__KEY_FILE" in done.stderr
