"""Whose data directory it is: root leaves files in it that the roles cannot write to."""

import os
import pwd
from pathlib import Path

from spowatch.settings.faults import SettingsError

_ROOT = 0


def confirm_the_user(directory: Path) -> None:
    """Raises `SettingsError` where root would work in another user's directory."""
    try:
        owner = directory.stat().st_uid
    except OSError:  # not made yet, or out of reach: whoever opens it says so
        return
    refusal = refused_to(os.geteuid(), owner, directory)
    if refusal is not None:
        raise SettingsError(refusal)


def refused_to(user: int, owner: int, directory: Path) -> str | None:
    """Why that user may not work there, and with what to begin the command; None for who may."""
    if user != _ROOT or owner == _ROOT:
        return None
    name = _name_of(owner)
    return (
        f"SPO_DATA_DIR: {directory} belongs to {name}, and what root writes there stops the roles; "
        f"begin the command with `runuser -u {name} -- env SPO_DATA_DIR={directory.absolute()}`"
    )


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"
