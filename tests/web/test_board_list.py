"""More alerts than a board has room for: each has its place all the same."""

import re
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from spowatch.log_pages import alerts_raised
from tests.program import PATIENCE
from tests.web.everybody import assert_for_everybody
from tests.web.site import Caller, Site
from tests.web.test_entries import one_row
from tests.web.walks import sign_in
from web.board_list import part
from web.views import MOST_ROWS

_ROW = re.compile(r'id="alert-([\w-]+)"')
_MORE = re.compile(r'<p class="spo-more" data-more="waiting">.*?href="([^"]+)"')
_NEXT = re.compile(r'href="([^"]+)" rel="next"')


def test_who_goes_from_page_to_page_skips_nothing_though_what_was_read_is_dealt_with(
    tmp_path: Path,
) -> None:
    one = one_row(tmp_path)
    every = [replace(one, id=uuid4(), priority=number % 4 + 1) for number in range(3 * MOST_ROWS)]
    every.sort(key=lambda row: row.order)
    after, left, seen = "", every, list[UUID]()
    while (found := part(left, after)).next is not None:
        seen += [row.id for row in found.rows]
        left, after = [row for row in left if row.id not in seen[1:]], found.next
    assert [*seen, *(row.id for row in found.rows)] == [row.id for row in every]
    assert part(every, every[-1].order).rows == []
    second = part(every, every[MOST_ROWS - 1].order)
    third = part(every, every[2 * MOST_ROWS - 1].order)
    assert (second.begun, second.total, second.previous) == (MOST_ROWS, len(every), "")
    assert third.previous == every[MOST_ROWS - 1].order


@pytest.fixture(scope="module")
def flooded(site: Site) -> Site:
    site.order("KENT-FLOOD")
    site.breaches("KENT-FLOOD", MOST_ROWS + 5)
    caller, deadline = Caller(site), monotonic() + PATIENCE
    while f'data-count="waiting">{MOST_ROWS + 5}<' not in caller.get("/board").text:
        assert monotonic() < deadline
        sleep(0.1)
    return site


def test_every_open_alert_is_reached_from_the_board_without_a_script(flooded: Site) -> None:
    caller = Caller(flooded)
    board = caller.get("/board?kind=arrest").text
    assert len(set(_ROW.findall(board))) == MOST_ROWS
    told, place = list[str](), _found(_MORE, board)
    while place is not None:
        shown = caller.get(place).text
        told += _ROW.findall(shown)
        place = _found(_NEXT, shown)
    assert sorted(told) == sorted(str(alert) for _, alert in alerts_raised(flooded.store))
    assert Caller(flooded, force="Essex").get("/board/lists/waiting").text.count("data-row") == 0
    assert caller.get("/board/lists/rubbish").status_code == 404


def test_boards_of_two_people_are_one_writing_and_hold_each_their_own_token(flooded: Site) -> None:
    ours, theirs = Caller(flooded, staff="11"), Caller(flooded, staff="22")
    boards = {each.csrf: each.get("/board?kind=arrest").text for each in (ours, theirs, ours)}
    for csrf, board in boards.items():
        (other,) = boards.keys() - {csrf}
        assert (
            board.count(f'name="csrf" value="{csrf}"><input type="hidden" name="back"') == MOST_ROWS
        )
        assert other not in board


def _found(link: re.Pattern[str], text: str) -> str | None:
    found = link.search(text)
    return None if found is None else found[1].replace("&amp;", "&")


def test_the_last_page_is_for_everybody_and_what_is_taken_there_leads_back_to_it(
    flooded: Site, browser: Browser, page: Page, axe_source: str
) -> None:
    sign_in(page, flooded)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Every alert of this list").first.click()
    whole = opened.value
    whole.get_by_role("link", name="Next").click()
    expect(whole.get_by_text(f"Alerts {MOST_ROWS + 1} to {MOST_ROWS + 5}")).to_be_visible()
    assert_for_everybody(whole, axe_source)
    whole.set_viewport_size({"width": 1280, "height": 900})
    there, row = whole.url, whole.locator("[data-row]").last
    taken = row.get_attribute("data-row")
    row.get_by_role("button", name="Acknowledge").click()
    expect(whole.locator("[data-row]")).to_have_count(4)
    assert whole.url == there
    whole.goto(there.replace("waiting", "in-hand").partition("&after")[0])
    expect(whole.locator(f"#alert-{taken}")).to_contain_text("4812 has it")
