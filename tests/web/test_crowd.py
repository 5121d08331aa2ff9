"""Many who wait for one thing keep nobody waiting for another."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice

import requests

from spowatch.turns import WAITING, WAITING_IN_ALL
from tests.web.callers import ApiProgram
from tests.web.site import TERM, Site

ORDERS = ("KENT-NONE", "KENT-NEVER", "KENT-NOBODY")
CROWD = (1 + WAITING) * len(ORDERS)
"""More than there are threads that answer."""
TOO_MANY = CROWD - WAITING_IN_ALL - len(ORDERS)


def test_crowds_that_wait_to_write_keep_nobody_from_reading(site: Site) -> None:
    program = ApiProgram(site)
    report = {"occurred_at": datetime.now(UTC).isoformat(), "condition": TERM}
    with (
        closing(sqlite3.connect(site.directory / "log.db", isolation_level=None)) as other,
        ThreadPoolExecutor(CROWD) as crowd,
    ):
        other.execute("BEGIN IMMEDIATE")
        waiting = [
            crowd.submit(program.post, f"/orders/{order}/report-breach", report)
            for order in ORDERS * (1 + WAITING)
        ]
        sent_away = list(islice(as_completed(waiting, timeout=15), TOO_MANY))
        answer = requests.get(f"{site.address}/metrics", timeout=2.0)
        other.execute("ROLLBACK")
    assert answer.status_code == 200
    for each in sent_away:
        said = each.result()
        assert (said.status_code, said.headers["Retry-After"]) == (503, "1")
        assert said.json()["code"] == "ORDER_BUSY"
    told = {each.result().status_code for each in waiting if each not in sent_away}
    assert told == {409}
