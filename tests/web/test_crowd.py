"""Many who wait for one thing keep nobody waiting for another."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice

import requests

from spowatch.entries import WAITING
from tests.web.callers import ApiProgram
from tests.web.site import TERM, Site

CROWD = WAITING + 20
"""More than may wait, and than the threads that answers have unless told otherwise: 40."""


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
        sent_away = list(islice(as_completed(waiting, timeout=15), CROWD - WAITING - 1))
        answer = requests.get(f"{site.address}/metrics", timeout=2.0)
        other.execute("ROLLBACK")
    assert answer.status_code == 200
    for each in sent_away:
        said = each.result()
        assert (said.status_code, said.headers["Retry-After"]) == (503, "1")
        assert said.json()["code"] == "ORDER_BUSY"
    told = {each.result().status_code for each in waiting if each not in sent_away}
    assert told == {409}
