"""Every page, read by everybody: see `tests.web.everybody`; and none of the reading pages needs a script."""

import re
from collections.abc import Callable
from functools import cache
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.everybody import WIDE, assert_for_everybody
from tests.web.site import Site
from tests.web.walks import complaints
from web.doors import DOORS

PAGES = (
    ("supervisor", "/you"),
    ("supervisor", "/shift"),
    ("supervisor", "/board/lists/waiting"),
    ("supervisor", "/break-glass"),
    ("supervisor", "/access/linked"),
    ("supervisor", "/caseload"),
    ("supervisor", "/caseload?whose=force&sort=-late"),
    ("supervisor", "/caseload?whose=force&queue=disputed"),
    ("supervisor", "/orders/KENT-2026-1"),
    ("supervisor", "/orders/KENT-2026-1?at=2026-11-01T10:00"),
    ("supervisor", "/orders/KENT-2026-1?at=rubbish"),
    ("supervisor", "/people"),
    ("supervisor", "/diary"),
    ("supervisor", "/diary?first=2026-02-30"),
    ("supervisor", "/reports"),
    ("supervisor", "/reports/audit"),
    ("supervisor", "/reports/statistics"),
    ("supervisor", "/reports/health"),
    ("supervisor", "/help"),
    ("supervisor", "/help/notification"),
    ("supervisor", "/help/refusals"),
    ("court_liaison", "/record"),
    ("court_liaison", "/orders/KENT-2026-1/record"),
    ("court_liaison", "/orders/KENT-2026-9/record/apply"),
    ("court_liaison", "/orders/KENT-2026-1/record/vary"),
    ("reviewer", "/audit/consultations"),
    ("reviewer", "/access/reviews"),
)
ELSEWHERE = {
    *("/board", "/alerts/{alert}", "/shift/{handover}", "/holds"),
    "/people/{subject}",
    "/orders/{reference:path}/recorded/{event}",
}
"""By `tests/web/test_for_everybody.py`, by the search below, and by `tests/web/test_court_walk.py`."""
NO_PAGES = (
    "/api/", "/board/stream", "/alerts/stream", "/alerts/{alert}/version", "/alerts/{alert}/briefing.pdf",
)  # fmt: skip


def sign_in(page: Page, site: Site, role: str = "supervisor") -> None:
    page.goto(f"{site.address}/sign-in")
    page.get_by_label("Collar or payroll number").fill("4711")
    page.get_by_label("On duty as").select_option(role)
    page.get_by_label("Force").select_option("Kent")
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(re.compile("/sign-in"))


@pytest.fixture(scope="module")
def sessions(browser: Browser, force_at_work: Site) -> Callable[[str], Page]:
    """One browser and one sign-in a role: each page is opened in it anew."""

    @cache
    def signed_in(role: str) -> Page:
        page = browser.new_context(viewport=WIDE).new_page()
        sign_in(page, force_at_work, role)
        return page

    return signed_in


@pytest.fixture
def signed_in(sessions: Callable[[str], Page]) -> Page:
    return sessions("supervisor")


@pytest.mark.parametrize(("role", "path"), PAGES)
def test_a_page_is_for_everybody(
    force_at_work: Site, sessions: Callable[[str], Page], axe_source: str, role: str, path: str
) -> None:
    page = sessions(role)
    answer = page.goto(force_at_work.address + path)
    assert answer is not None
    assert answer.status in {200, 422}
    assert_for_everybody(page, axe_source)


def test_every_page_there_is_was_looked_at() -> None:
    routes = {door.removeprefix("GET ") for door in DOORS if door.startswith("GET /")}
    looked_at = {urlsplit(path).path for _, path in PAGES}
    missing = [
        route
        for route in routes - ELSEWHERE
        if not route.startswith(NO_PAGES) and not any(map(_pattern(route).fullmatch, looked_at))
    ]
    assert missing == []


def _pattern(route: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[^}]*\}", "[^/]+", route))


def test_a_search_and_the_person_it_finds_are_for_everybody(
    force_at_work: Site, signed_in: Page, axe_source: str
) -> None:
    page = signed_in
    heard = complaints(page)
    page.goto(force_at_work.address + "/people")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    assert_for_everybody(page, axe_source)
    page.get_by_label("Name, PNC id or order reference").fill("merc")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("link", name="Ryan Mercer")).to_be_visible()
    assert_for_everybody(page, axe_source)
    page.get_by_role("link", name="Ryan Mercer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("every order")
    assert "mercer" not in page.url.lower()
    assert_for_everybody(page, axe_source)
    assert not [each for each in heard if "422" not in each]


def test_everything_is_read_without_scripts(browser: Browser, force_at_work: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, force_at_work, "offender_manager")
    page.get_by_role("link", name="Caseload").click()
    page.get_by_role("link", name="My force").click()
    page.get_by_role("link", name="Overdue").click()
    page.get_by_role("link", name="KENT-2026-1").click()
    page.get_by_text("Look back: as it was").click()
    page.get_by_label("As it was at").fill("2026-01-01T00:00")
    page.get_by_role("button", name="Look back").click()
    expect(page.get_by_text("This is the past.")).to_be_visible()
    page.get_by_role("link", name="The person and every order").click()
    expect(page.get_by_role("heading", name="Names")).to_be_visible()
    page.get_by_role("link", name="Court diary").click()
    page.get_by_role("button", name="Show these days").click()
    page.get_by_role("link", name="Reports").click()
    page.get_by_role("link", name="Audit pack").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take the whole pack").click()
    assert taken.value.suggested_filename.startswith("audit-")
    context.close()


def test_a_list_prints_without_what_only_a_screen_needs(
    force_at_work: Site, signed_in: Page
) -> None:
    page = signed_in
    page.goto(f"{force_at_work.address}/caseload?whose=force")
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="KENT-2026-1")).to_be_visible()
    expect(page.get_by_role("button", name="Show these")).to_be_hidden()
    expect(page.get_by_role("link", name="My cases")).to_be_hidden()
    page.emulate_media(media="screen")
