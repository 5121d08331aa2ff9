"""Many who wait for one thing keep nobody waiting for another."""

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice

import requests

from spowatch.turns import WAITING, WAITING_IN_ALL
from tests.program import PATIENCE
from tests.web.callers import ApiProgram
from tests.web.site import TERM, Site
from web import step_places

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
        list(islice(as_completed(waiting, timeout=PATIENCE), TOO_MANY))
        answer = requests.get(f"{site.address}/metrics", timeout=PATIENCE)
        still_waiting = sum(not each.done() for each in waiting)
        other.execute("ROLLBACK")
    assert answer.status_code == 200
    assert still_waiting, "who only reads was answered after the whole crowd"
    told = Counter(_told(each.result()) for each in waiting)
    # On a busy machine some are let in after others waited in vain for the log: as many fewer are sent away.
    gave_up = told.pop("LOG_HELD", 0)
    assert told.keys() == {"ORDER_BUSY", "ON_RECORD"}
    assert TOO_MANY - gave_up <= told["ORDER_BUSY"] <= TOO_MANY


def test_a_crowd_of_steps_on_a_stalled_store_is_sent_away_and_keeps_nobody_from_reading(
    site: Site,
) -> None:
    program = ApiProgram(site, staff="77")
    site.breach(site.order("KENT-CROWD-1"))
    step = f"/alerts/{site.alert('KENT-CROWD-1')}/acknowledge"
    too_many = 5
    placed = step_places.AT_ONCE + step_places.WAITING
    with (
        closing(sqlite3.connect(site.directory / "log.db", isolation_level=None)) as other,
        ThreadPoolExecutor(placed + too_many) as crowd,
    ):
        other.execute("BEGIN IMMEDIATE")
        waiting = [crowd.submit(program.post, step) for _ in range(placed + too_many)]
        list(islice(as_completed(waiting, timeout=PATIENCE), too_many))
        metrics = requests.get(f"{site.address}/metrics", timeout=PATIENCE)
        still_waiting = sum(not each.done() for each in waiting)
        other.execute("ROLLBACK")
    assert still_waiting, "who only reads was answered after the whole crowd"
    sent_away = [each.result() for each in waiting if each.result().status_code == 503]
    assert "ORDER_BUSY" in {each.json()["code"] for each in sent_away}
    assert all(each.headers["Retry-After"] for each in sent_away)
    assert 'spo_http_requests_sent_away_total{route="/api/v1/alerts/{alert}/acknowledge"}' in metrics.text  # fmt: skip
    assert program.post(step).status_code == 200


def _told(answer: requests.Response) -> str:
    if answer.status_code == 409:
        return "ON_RECORD"
    assert (answer.status_code, answer.headers["Retry-After"] != "") == (503, True)
    return "ORDER_BUSY" if answer.json()["code"] == "ORDER_BUSY" else "LOG_HELD"
