"""A real browser: Debian's Chromium, and the accessibility checker that our npm lock pins."""

import shutil
import subprocess
from pathlib import Path

from tests.servers.debian import NotInstalled, alone, program

ROOT = Path(__file__).resolve().parents[2]
UI = ROOT / "web" / "ui"
AXE = UI / "node_modules" / "axe-core" / "axe.min.js"
_TAKES = 300


def chromium() -> str:
    """The path of Chromium. Raises `NotInstalled`."""
    return shutil.which("chromium-browser") or program("chromium")


def axe() -> str:
    """The source of axe-core. Raises `NotInstalled`."""
    if not AXE.exists():
        if not shutil.which("npm"):
            msg = "axe-core comes by npm, which is not here"
            raise NotInstalled(msg)
        with alone("npm"):
            if not AXE.exists():
                _install()
    return AXE.read_text(encoding="utf-8")


def _install() -> None:
    command = ("npm", "ci", "--prefix", str(UI), "--ignore-scripts", "--no-audit")
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_TAKES)
    except (OSError, subprocess.SubprocessError) as fault:
        msg = f"npm could not install axe-core ({type(fault).__name__})"
        raise NotInstalled(msg) from fault
