"""What a backup says of itself, and whether that is true."""

import hashlib
import json
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

NAME = "manifest.json"
LOG = "log.db"
KEYS = "keys.db"
KEYS_FOLDER = "keys"
_CHUNK = 1024 * 1024


class BackupRefused(Exception):
    """There is no backup here that can be taken or restored; says why and what to do."""


class Manifest(BaseModel):
    """Stands beside the log and, on its own, beside the keys. Holds nothing personal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    taken_at: AwareDatetime
    release: str
    part: Literal["log", "keys"]
    rows: int
    last_position: int = 0
    log_root: str = ""
    sha256: str

    def write(self, folder: Path) -> None:
        """Last of all: what has no manifest is no backup."""
        aside = folder / f".{NAME}"
        aside.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        aside.rename(folder / NAME)


def manifest(folder: Path, part: str, name: str) -> Manifest:
    """Of an undamaged part. Raises `BackupRefused`."""
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
    except OSError:
        msg = f"{folder} holds no backup: there is no {NAME} that can be read in it"
        raise BackupRefused(msg) from None
    if _format(text) not in {None, 1}:
        msg = f"the backup in {folder} was taken by a newer release; restore it with that one"
        raise BackupRefused(msg)
    try:
        found = Manifest.model_validate_json(text)
    except ValidationError:
        found = None
    if found is None or found.part != part:
        msg = f"{folder / NAME} is no manifest of a backup's {part}"
        raise BackupRefused(msg)
    if not (folder / name).exists() or sha256(folder / name) != found.sha256:
        msg = f"{folder / name} is damaged or incomplete: it is not what its manifest says"
        raise BackupRefused(msg)
    return found


def _format(text: str) -> object:
    try:
        told = json.loads(text)
    except ValueError:
        return None
    return told.get("format") if isinstance(told, dict) else None


def sha256(path: Path) -> str:
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            hashed.update(chunk)
    return hashed.hexdigest()
