"""Programs run on a disk that fails or forgets: `disk.c`, built here and loaded before they are."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

SOURCE = Path(__file__).with_name("disk.c")


class NoCompiler(Exception):
    """There is no C compiler here to build the disk with."""


@cache
def built() -> Path:
    """The library, built once a process; it is gone when the machine's temporary files are."""
    compiler = shutil.which("cc")
    if compiler is None:
        msg = "no C compiler here: install gcc"
        raise NoCompiler(msg)
    library = Path(mkdtemp(prefix="disk-")) / "disk.so"
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True)
    library.parent.chmod(0o755)  # PostgreSQL does not run as root, and loads it too
    return library


def on_disk(root: Path, log: Path | None = None) -> dict[str, str]:
    """The environment of a program whose files under `root` are watched; changes go to `log`."""
    found = os.environ | {"LD_PRELOAD": str(built()), "DISK_ROOT": f"{root}{os.sep}"}
    if log is None:
        return found
    log.touch()
    log.chmod(0o666)
    return found | {"DISK_LOG": str(log)}
