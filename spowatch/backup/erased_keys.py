"""The list of destroyed keys outside every store, so that no backup brings one of them back."""

import os
from datetime import datetime
from pathlib import Path
from uuid import UUID

from consumers.synced_folder import sync_folder


def add_erased(path: Path, key_id: UUID, at: datetime) -> None:
    """On disk when it returns. Ids and instants, nothing that names anybody."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("a", encoding="ascii") as file:
            file.write(f"\n{key_id} {at.isoformat()}\n")  # what was torn before it ends here
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
    except OSError as fault:
        # Of a full disk the system does not say under which file.
        raise OSError(fault.errno, fault.strerror, str(path)) from fault


def erased_in(path: Path) -> dict[UUID, datetime]:
    """What the list holds; nothing where there is none. A line torn by a crash was never done."""
    if not path.exists():
        return {}
    found = {}
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        key_id, _, at = line.partition(" ")
        try:
            found[UUID(key_id)] = datetime.fromisoformat(at)
        except ValueError:
            continue
    return found
