"""How long somebody waits for `spowatch --help`, beside a Python that does nothing."""

import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from tests.bench.log_bench import Figure, seconds
from tests.program import SPOWATCH, environment

ROUNDS = 7


def figures() -> Iterator[Figure]:
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(seconds(lambda: _run(*SPOWATCH, "--help")))
        theirs.append(seconds(lambda: _run(sys.executable, "-c", "pass")))
    ratio = median(our / base for our, base in zip(ours, theirs, strict=True))
    yield Figure("--help", "s", median(ours), median(theirs), ratio, "< 0.5 s", ours)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment({}))
