"""Whose hands are on the keyboard, for what stands on record about a command."""

import getpass
import os


def account() -> str:
    """The account's name; its number where it has none, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"
