"""Asks every operation of the API for what its own document promises, by schemathesis, with cases made from the document.

`python -m tests.faults schema --examples 100 --seed 1`: schemathesis's own report; exit 1 when an answer was
a fault of ours, of a status, type or shape that the document does not name, or took for good what it refuses.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.rough_http import rss
from tests.web.callers import ApiProgram
from tests.web.site import UNCOUNTED, Site, site_at

_PROGRAM = str(Path(sys.executable).with_name("schemathesis"))
_ASKED_HOW = Path(__file__).with_name("schemathesis.toml")
_ASKERS = 1
"""Two threads of schemathesis's own fall over each other in Python's parser ("AST constructor recursion depth mismatch")."""


def asked(site: Site, *, examples: int, seed: int, phases: str = "coverage,fuzzing") -> subprocess.CompletedProcess[str]:  # fmt: skip
    """What schemathesis says of the served API; its exit status is 1 when something failed."""
    site.breach(site.order("KENT-SCHEMA-1"))
    program = ApiProgram(site)
    told = [
        *(_PROGRAM, "--config-file", str(_ASKED_HOW), "run", f"{site.address}/openapi.json"),
        *("--url", site.address, "--phases", phases),
        *("--max-examples", str(examples), "--seed", str(seed), "--workers", str(_ASKERS)),
        *("--no-color", "--continue-on-failure"),
        *("--suppress-health-check", "all", "--warnings", "off"),
        *("--header", f"Authorization: {program.token['Authorization']}"),
    ]
    return subprocess.run(told, check=False, capture_output=True, text=True, cwd=site.directory)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults schema", description=__doc__)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args(arguments)
    with (
        TemporaryDirectory(prefix="schema-") as folder,
        site_at(Path(folder), settings=UNCOUNTED) as site,
    ):
        before = rss(site.program.process.pid)
        said = asked(site, examples=told.examples, seed=told.seed)
        grown = rss(site.program.process.pid) - before
    print(said.stdout.replace(f"{Path.cwd()}/", ""))
    print(f"memory of the server: +{grown / 1e6:.1f} MB")
    sys.exit(said.returncode)
