"""A small file that is always whole: what it held before, or what was put in its place, also after a power cut."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from consumers.synced_folder import sync_folder


def put_in_place(path: Path, text: str) -> None:
    """On disk when it returns, its name too; until then the file holds what it held.

    For the eyes of its owner alone. Several processes may do it at once: one of them was last. What
    cannot be written leaves nothing behind.
    """
    aside = _aside(path, text)
    try:
        aside.replace(path)
    except OSError:
        aside.unlink()
        raise
    sync_folder(path.parent)


def _aside(path: Path, text: str) -> Path:
    with NamedTemporaryFile(
        "w", encoding="utf-8", delete=False, dir=path.parent, prefix=f".{path.name}."
    ) as fresh:
        try:
            fresh.write(text)
            fresh.flush()
            os.fsync(fresh.fileno())
        except OSError:
            with suppress(OSError):
                Path(fresh.name).unlink()
            raise
    return Path(fresh.name)
