"""The recorder test cases that eventsourcing ships, importable without its optional cipher."""

import sys
from types import ModuleType

try:
    from eventsourcing.tests import persistence
except ModuleNotFoundError:
    # They share a file with a mapper case that imports pycryptodome, which nothing of ours needs.
    cipher = ModuleType("eventsourcing.cipher")
    cipher.AESCipher = None  # type: ignore[attr-defined]  # a module made up here
    sys.modules[cipher.__name__] = cipher
    from eventsourcing.tests import persistence

__all__ = ["persistence"]
