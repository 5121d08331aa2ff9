"""One question of the doctor, answered within its time: what hangs (a dead network disk) is left behind."""

import threading
from collections.abc import Callable
from queue import Empty, Queue

from consumers.broker_trouble import BrokerTrouble
from spowatch.settings.faults import SettingsError
from spowatch.store.sqlite_connection import StoreUnavailable

PATIENCE = 8.0
_FAULTS = (StoreUnavailable, SettingsError, BrokerTrouble, OSError)

Finding = tuple[str, bool, str, str]
"""What was looked at, whether it is right, what was found and what to do about it."""


def in_time(name: str, look: Callable[[], Finding], patience: float = PATIENCE) -> Finding:
    """What it found, or that it did not answer: what hangs (a dead network disk) is left behind."""
    answer: Queue[Finding] = Queue(1)

    def ask() -> None:
        try:
            answer.put(look())
        except _FAULTS as fault:
            answer.put((name, False, str(fault), "mend what it names, then ask again"))
        except Exception as fault:  # noqa: BLE001 - told at once, and not as what hangs
            told = f"the question failed: {type(fault).__name__}"
            answer.put((name, False, told, "a fault of ours: report it with this release"))

    threading.Thread(target=ask, name=f"doctor {name}", daemon=True).start()
    try:
        return answer.get(timeout=patience)
    except Empty:
        remedy = "find out what hangs: the disk, the server or the link to it"
        return name, False, f"no answer within {patience:g} s", remedy
