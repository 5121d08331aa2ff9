"""A folder's names on the disk: syncing a file keeps what is in it, and not on every file system what it is called."""

import os
from errno import EBADF, EINVAL
from pathlib import Path

_CANNOT_BE_ASKED = {EBADF, EINVAL}
"""Some file systems of a network do not sync folders, and keep names in their own way."""


def sync_folder(path: Path) -> None:
    """What was made, renamed or deleted in it stays so through a power cut.

    Where the file system cannot be asked for that, or we may write in the folder and not look, nothing is done.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(descriptor)
    except OSError as refusal:
        if refusal.errno not in _CANNOT_BE_ASKED:
            raise
    finally:
        os.close(descriptor)
