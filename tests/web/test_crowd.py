"""Many who wait for one thing keep nobody waiting for another."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

import requests

from spowatch.turns import WAITING, WAITING_IN_ALL
from tests.program import PATIENCE
from tests.web.callers import ApiProgram
from tests.web.site import TERM, Caller, Site
from web import step_places

AS_A_BROWSER = {"Accept": "text/html"}
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
    program, person = ApiProgram(site, staff="77"), Caller(site, staff="78")
    site.breach(site.order("KENT-CROWD-1"))
    alert = site.alert("KENT-CROWD-1")
    step, too_many = f"/alerts/{alert}/acknowledge", 5
    with crowd_at_a_stalled_store(
        site, lambda: program.post(step), step_places.AT_ONCE, too_many
    ) as crowd:
        metrics = requests.get(f"{site.address}/metrics", timeout=PATIENCE)
        typed = person.post(f"/alerts/{alert}/task", AS_A_BROWSER, unit="KX77", incident="<b>200")
        told = person.post("/board/painted", AS_A_BROWSER)
        assert crowd.still_waits, "who only reads was answered after the whole crowd"
    assert crowd.sent_away
    assert all(each.headers["Retry-After"] for each in crowd.sent_away)
    assert 'spo_http_requests_sent_away_total{route="/api/v1/alerts/{alert}/acknowledge"}' in metrics.text  # fmt: skip
    assert (typed.status_code, typed.headers["Retry-After"]) == (503, "1")
    assert 'name="unit" value="KX77"' in typed.text
    assert 'name="incident" value="&lt;b&gt;200"' in typed.text
    assert "Many others wait to write" in typed.text
    assert told.status_code == 204
    assert program.post(step).status_code == 200


def test_a_crowd_of_boards_that_tell_what_they_painted_is_bounded_for_itself(site: Site) -> None:
    boards = Caller(site, staff="79")
    site.breach(site.order("KENT-CROWD-2"))
    painted = str(site.alert("KENT-CROWD-2"))
    with crowd_at_a_stalled_store(
        site, lambda: boards.post("/board/painted", alert=painted), step_places.TELLING, 5
    ) as crowd:
        assert crowd.still_waits
    assert crowd.sent_away
    assert boards.post("/board/painted", alert=painted).status_code == 204


@dataclass
class Crowd:
    """Everybody who asked at once; who is `sent_away` was never let in."""

    asked: list[Future[requests.Response]]

    @property
    def still_waits(self) -> bool:
        return not all(each.done() for each in self.asked)

    @property
    def sent_away(self) -> list[requests.Response]:
        answers = [each.result() for each in self.asked]
        return [each for each in answers if "ORDER_BUSY" in each.text]


@contextmanager
def crowd_at_a_stalled_store(
    site: Site, ask: Callable[[], requests.Response], at_once: int, too_many: int
) -> Iterator[Crowd]:
    """All places are taken, as many wait as may, and `too_many` have been told so."""
    all_of_them = at_once + step_places.WAITING + too_many
    with ThreadPoolExecutor(all_of_them) as threads, site.nobody_can_write():
        crowd = Crowd([threads.submit(ask) for _ in range(all_of_them)])
        list(islice(as_completed(crowd.asked, timeout=PATIENCE), too_many))
        yield crowd


def _told(answer: requests.Response) -> str:
    if answer.status_code == 409:
        return "ON_RECORD"
    assert (answer.status_code, answer.headers["Retry-After"] != "") == (503, True)
    return "ORDER_BUSY" if answer.json()["code"] == "ORDER_BUSY" else "LOG_HELD"
