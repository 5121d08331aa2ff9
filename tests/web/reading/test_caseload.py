"""The caseload: each case in the queues it belongs to, for who may see it, as a page and as a file."""

import csv
import re
from io import StringIO

import pytest

from domain.disclosures import ListConsulted, ListDisclosed
from tests.web.reading.conftest import ago, assigned, told, unnotified
from tests.web.site import Caller, Site
from web.csv_files import csv_text


def orders_on(page: str) -> list[str]:
    return [each.split('"')[0] for each in page.split('href="/orders/')[1:]]


def at_work(orders: list[str]) -> list[str]:
    """Those the force began with: other tests tell of orders of theirs, before or after."""
    return [each for each in orders if re.fullmatch(r"KENT-2026-[1-5]", each)]


def test_an_officer_sees_their_own_cases_and_what_is_late_first(reader: Caller) -> None:
    page = reader.get("/caseload").text
    assert orders_on(page) == ["KENT-2026-1", "KENT-2026-2"]
    assert "Showing 1 to 2 of 2." in page
    assert "Overdue" in page
    assert "Alan" not in page


@pytest.mark.parametrize(
    ("queue", "orders"),
    [
        ("overdue", ["KENT-2026-1"]),
        ("unserved", ["KENT-2026-4"]),
        ("unverified", ["KENT-2026-3"]),
        ("breach_open", ["KENT-2026-5"]),
        ("up_to_date", ["KENT-2026-2"]),
    ],
)
def test_each_queue_of_the_force_holds_its_cases_and_counts_them(
    reader: Caller, queue: str, orders: list[str]
) -> None:
    page = reader.get(f"/caseload?whose=force&queue={queue}").text
    assert at_work(orders_on(page)) == orders
    current = page.split('aria-current="page">')[-1].split("</a>")[0]
    assert f'<span class="spo-count">{len(orders_on(page))}</span>' in current


def test_a_list_is_sorted_where_it_is_made_and_says_so(reader: Caller) -> None:
    page = reader.get("/caseload?whose=force&sort=-order").text
    found = at_work(orders_on(page))
    assert found == [f"KENT-2026-{number}" for number in (5, 4, 3, 2, 1)]
    assert 'aria-sort="descending"' in page
    assert page.count('aria-sort="none"') == 5


def test_that_a_list_was_read_is_on_record_and_without_that_it_is_not_shown(
    force_at_work: Site, reader: Caller
) -> None:
    before = len(force_at_work.recorded(ListConsulted.TOPIC))
    assert reader.get("/caseload").status_code == 200
    assert len(force_at_work.recorded(ListConsulted.TOPIC)) == before + 1
    with force_at_work.nobody_can_write():
        answer = reader.get("/caseload")
    assert answer.status_code == 503
    assert "KENT" not in answer.text.partition("<main")[2]


@pytest.mark.parametrize("role", ["operator", "ops"])
def test_who_does_no_casework_has_no_caseload(force_at_work: Site, role: str) -> None:
    other = Caller(force_at_work, "5", "Kent", role)
    answer = other.get("/caseload")
    assert answer.status_code == 403
    assert "KENT-2026" not in answer.text
    assert 'href="/caseload"' not in other.get("/you").text


def test_nobody_sees_the_cases_of_another_force_unasked(force_at_work: Site) -> None:
    other = Caller(force_at_work, "9", "Essex", "offender_manager")
    seen = orders_on(other.get("/caseload?whose=force").text)
    assert "ESSEX-2026-1" in seen
    assert all(each.startswith("ESSEX-") for each in seen)


@pytest.mark.parametrize(
    "asked",
    ["queue=nothing", "page=0", "page=999999999", "page=x", "sort=%27%3B--", "whose=me"],
)
def test_an_address_that_asks_for_nonsense_shows_the_list(reader: Caller, asked: str) -> None:
    answer = reader.get(f"/caseload?whose=force&{asked}")
    assert answer.status_code == 200
    assert "KENT-2026-1" in answer.text


def test_what_is_entered_stands_in_the_list_the_next_time_it_is_read(
    force_at_work: Site, reader: Caller
) -> None:
    told(force_at_work, "KENT-2026-8", *unnotified(), assigned("88"))
    assert orders_on(reader.get("/caseload?whose=force&officer=88").text) == ["KENT-2026-8"]
    told(force_at_work, "KENT-2026-8", {"type": "DefendantDied", "t": ago(days=1), "data": {}})
    assert orders_on(reader.get("/caseload?whose=force&officer=88").text) == []


def test_a_file_is_the_list_and_that_it_left_is_on_record_first(
    force_at_work: Site, reader: Caller
) -> None:
    before = len(force_at_work.recorded(ListDisclosed.TOPIC))
    answer = reader.post("/caseload/file", whose="mine", queue="overdue")
    rows = list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["order"] for row in rows] == ["KENT-2026-1"]
    assert int(rows[0]["days_late"]) >= 16
    named = answer.headers["content-disposition"]
    assert re.fullmatch(r'attachment; filename="[a-z-]+-\d{4}-\d{2}-\d{2}\.csv"', named), named
    assert len(force_at_work.recorded(ListDisclosed.TOPIC)) == before + 1
    with force_at_work.nobody_can_write():
        refused = reader.post("/caseload/file", whose="mine", queue="overdue")
    assert refused.status_code == 503
    assert "KENT" not in refused.text


def test_a_cell_that_a_spreadsheet_would_run_is_text() -> None:
    text = csv_text(("a", "b"), [("=1+1", 3), (" @x", -2), ("\uff1dcmd", None), ("fine", "")])
    assert text.splitlines()[1:] == ["'=1+1,3", "' @x,-2", "'\uff1dcmd,", "fine,"]
