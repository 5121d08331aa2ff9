"""What ships is what is pinned: by hash, no more and no less, and the same bytes from any place."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.supply.sbom import billed, pinned
from tests.structure.checkout import ROOT, tracked_files

LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
MOST_DIRECT = 30


@pytest.mark.parametrize("name", LOCKS)
def test_everything_that_is_installed_is_pinned_by_hash(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = [each for each in re.split(r"\n(?=\S)", text) if not each.startswith("#")]
    assert len(entries) > 10
    assert not [each.split()[0] for each in entries if "--hash=sha256:" not in each]
    assert not [each.split()[0] for each in entries if not re.match(r"[\w.-]+==", each)]


def test_there_are_three_locks() -> None:
    assert LOCKS == ["requirements-dev.lock", "requirements-supply.lock", "requirements.lock"]


def needed(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """Every package that runs with it here, by what each of them says."""
    found: set[str] = set()
    waiting = [(name, extras)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        this = waiting.pop()
        if this in seen:
            continue
        seen.add(this)
        for text in requires(this[0]) or ():
            wanted = Requirement(text)
            asked = [{"extra": extra} for extra in this[1] or {""}]
            if wanted.marker is None or any(wanted.marker.evaluate(each) for each in asked):
                found.add(canonicalize_name(wanted.name))
                waiting.append((canonicalize_name(wanted.name), frozenset(wanted.extras)))
    return found


def test_what_runs_here_is_what_the_lock_pins() -> None:
    locked = pinned((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    here = needed("spowatch")
    assert here <= set(locked)
    assert {name: distribution(name).version for name in here} == {
        name: locked[name][0] for name in here
    }


def test_we_depend_on_few() -> None:
    direct = [Requirement(each) for each in requires("spowatch") or ()]
    assert len(direct) <= MOST_DIRECT


def test_a_bill_that_leaves_one_out_or_has_another_hash_is_not_the_locks() -> None:
    entry = "one==1.0 \\\n    --hash=sha256:" + "a" * 64
    bill = '{"components": [{"name": "one", "version": "1.0", "externalReferences": [{"hashes": [%s]}]}]}'
    good = billed(bill % ('{"content": "' + "a" * 64 + '"}'))
    assert good == pinned(entry)
    assert billed(bill % ('{"content": "' + "b" * 64 + '"}')) != pinned(entry)
    assert billed('{"components": []}') != pinned(entry)


def wheel(checkout: Path, into: Path) -> bytes:
    build = str(Path(sys.executable).with_name("hatchling"))
    order = [build, "build", "-t", "wheel", "-d", str(into)]
    subprocess.run(order, cwd=checkout, check=True, capture_output=True)
    [made] = into.glob("*.whl")
    return made.read_bytes()


def test_the_wheel_is_the_same_bytes_from_two_places(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    for path in tracked_files():
        copy = elsewhere / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)  # with times of its own
    assert wheel(ROOT, tmp_path / "one") == wheel(elsewhere, tmp_path / "two")
