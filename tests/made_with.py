"""What a run was made with: the commit, the interpreter, the stores and the broker, each by its version."""

import platform
import re
import shutil
import sqlite3
import subprocess

from deploy.kafka.jars import POM
from deploy.postgres.binaries import PostgresUnavailable, binaries


def made_with() -> dict[str, str]:
    """By name; of the servers those that are started here where a run asks for them."""
    return {
        "commit": _said("git", "describe", "--always", "--dirty") or "unknown",
        "machine": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgres": _postgres(),
        "kafka": re.findall(r"<kafka.version>(.+)</", POM.read_text(encoding="utf-8"))[0],
    }


def _postgres() -> str:
    try:
        said = _said(str(binaries() / "postgres"), "--version")
    except PostgresUnavailable:
        return "none"
    return said.split()[2]


def _said(program: str, *arguments: str) -> str:
    found = shutil.which(program)
    if found is None:
        return ""
    ran = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)
    return ran.stdout.strip()
