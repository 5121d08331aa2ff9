"""Many who wait for one thing keep nobody waiting for another."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from time import sleep

import requests

from tests.web.callers import ApiProgram
from tests.web.site import TERM, Site

CROWD = 60
"""More than the threads that answers have unless told otherwise: 40."""


def test_a_crowd_that_waits_to_write_keeps_nobody_from_reading(site: Site) -> None:
    program = ApiProgram(site)
    report = {"occurred_at": datetime.now(UTC).isoformat(), "condition": TERM}
    with (
        closing(sqlite3.connect(site.directory / "log.db", isolation_level=None)) as other,
        ThreadPoolExecutor(CROWD) as crowd,
    ):
        other.execute("BEGIN IMMEDIATE")
        waiting = [
            crowd.submit(program.post, "/orders/KENT-NONE/report-breach", report)
            for _ in range(CROWD)
        ]
        sleep(1.0)
        answer = requests.get(f"{site.address}/metrics", timeout=2.0)
        still = [each for each in waiting if not each.done()]
        other.execute("ROLLBACK")
    assert answer.status_code == 200
    assert len(still) == CROWD
