"""A store made, and the life of an order told to it, while its disk is written down; each acknowledged in a file on that disk.

`python -m tests.faults.disk.recorded_life FOLDER DEEDS`
"""

import os
import sys
from pathlib import Path

from spowatch.wiring.store import migrate, opened, throw_away
from tests.faults.dying.life import LIFE

ACKNOWLEDGED = "acknowledged"
"""A dot for `migrate`, and one for each deed."""


def live(folder: Path, deeds: int) -> None:
    told, settings = (
        os.open(folder / ACKNOWLEDGED, os.O_CREAT | os.O_WRONLY | os.O_APPEND),
        throw_away(folder),
    )
    migrate(settings)
    os.write(told, b".")
    for deed in LIFE[:deeds]:
        with opened(settings) as store:
            deed.do(store)
            os.write(told, b".")
    os.close(told)


if __name__ == "__main__":
    live(Path(sys.argv[1]), int(sys.argv[2]))
