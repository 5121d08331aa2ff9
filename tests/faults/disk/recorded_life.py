"""The life of an order, told to a store whose disk is written down; each deed acknowledged in a file on that disk.

`python -m tests.faults.disk.recorded_life FOLDER DEEDS [DSN]`
"""

import os
import sys
from pathlib import Path

from spowatch.wiring import opened
from tests.faults.dying.life import LIFE
from tests.faults.rebuilt_apart import settings_of

ACKNOWLEDGED = "acknowledged"


def live(folder: Path, deeds: int, dsn: str = "") -> None:
    told = os.open(folder / ACKNOWLEDGED, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for deed in LIFE[:deeds]:
        with opened(settings_of(folder, dsn)) as store:
            deed.do(store)
            os.write(told, b".")
    os.close(told)


if __name__ == "__main__":
    live(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
