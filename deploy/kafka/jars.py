"""The broker's jars: fetched once with Maven, as `pom.xml` pins them, and found again by later runs."""

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
CACHE = Path.home() / ".cache" / "spowatch" / "kafka"
FETCH_PATIENCE = 600.0
"""Seconds; a fetch through a slow line takes minutes."""
_OLDEST_JAVA = 17


class BrokerUnavailable(Exception):
    """No broker can be had on this machine; says what is missing."""


def jars(cache: Path = CACHE) -> Path:
    """The folder that holds the jars, fetched now when this `pom.xml` was never fetched before."""
    _require_java()
    found = cache / hashlib.sha256(POM.read_bytes()).hexdigest()[:16]
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.is_dir():
            _fetch(found)
    return found


def _require_java() -> None:
    java = shutil.which("java")
    if java is None:
        msg = "java is not installed; a Java 17 runtime is needed"
        raise BrokerUnavailable(msg)
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    version = said.stderr.partition('version "')[2].partition(".")[0]
    if not version.isdecimal() or int(version) < _OLDEST_JAVA:
        msg = f"java is version {version or 'unknown'}; the broker needs {_OLDEST_JAVA} or newer"
        raise BrokerUnavailable(msg)


def _fetch(target: Path) -> None:
    """Raises `BrokerUnavailable`. The folder appears whole or not at all."""
    maven = shutil.which("mvn")
    if maven is None:
        msg = "mvn is not installed; Maven fetches the broker's jars"
        raise BrokerUnavailable(msg)
    with tempfile.TemporaryDirectory(dir=target.parent) as directory:
        whole = Path(directory, "jars")
        order = [
            *(maven, "--batch-mode", "--quiet", "--strict-checksums", "--file", str(POM)),
            *("dependency:copy-dependencies", "-DincludeScope=runtime"),
            f"-DoutputDirectory={whole}",
        ]
        _run(order)
        whole.rename(target)


def _run(order: list[str]) -> None:
    try:
        subprocess.run(order, check=True, capture_output=True, text=True, timeout=FETCH_PATIENCE)
    except subprocess.CalledProcessError as failed:
        said = (failed.stdout or failed.stderr).strip().splitlines()
        msg = (
            f"Maven could not fetch the broker's jars: {said[0] if said else 'it did not say why'}"
        )
        raise BrokerUnavailable(msg) from None
    except subprocess.TimeoutExpired:
        msg = f"Maven did not fetch the broker's jars in {FETCH_PATIENCE:.0f} s"
        raise BrokerUnavailable(msg) from None
