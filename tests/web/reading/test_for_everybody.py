"""Every reading page in every state: no fault that axe knows, no sideways scrolling, no script needed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.web.site import Site
from tests.web.walks import complaints

_RUN = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .map((each) => each.id + ': ' + each.nodes.map((node) => node.target.join(' ')).join(', '))"""
NARROW, WIDE = ViewportSize(width=320, height=640), ViewportSize(width=1280, height=900)
PAGES = (
    "/caseload",
    "/caseload?whose=force&sort=-late",
    "/caseload?whose=force&queue=disputed",
    "/orders/KENT-2026-1",
    "/orders/KENT-2026-1?at=2026-11-01T10:00",
    "/orders/KENT-2026-1?at=rubbish",
    "/people",
    "/diary",
    "/diary?first=2026-02-30",
    "/reports",
    "/reports/audit",
    "/reports/statistics",
    "/reports/health",
    "/help",
    "/help/notification",
    "/help/refusals",
)


def sign_in(page: Page, site: Site, role: str = "supervisor") -> None:
    page.goto(f"{site.address}/sign-in")
    page.get_by_label("Collar or payroll number").fill("4711")
    page.get_by_label("On duty as").select_option(role)
    page.get_by_label("Force").select_option("Kent")
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, force_at_work: Site) -> Iterator[Page]:
    """One browser for all of them: each page is opened in it anew."""
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    sign_in(page, force_at_work)
    yield page
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_reading_page_is_for_everybody(
    force_at_work: Site, signed_in: Page, axe_source: str, path: str
) -> None:
    page = signed_in
    page.set_viewport_size(WIDE)
    page.goto(force_at_work.address + path)
    assert_for_everybody(page, axe_source)


def assert_for_everybody(page: Page, axe_source: str) -> None:
    page.evaluate(axe_source)
    assert page.evaluate(_RUN) == []
    assert page.locator("h1").count() == 1
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_a_search_and_the_person_it_finds_are_for_everybody(
    force_at_work: Site, signed_in: Page, axe_source: str
) -> None:
    page = signed_in
    heard = complaints(page)
    page.set_viewport_size(WIDE)
    page.goto(force_at_work.address + "/people")
    page.get_by_role("button", name="Find").click()
    assert_for_everybody(page, axe_source)
    page.set_viewport_size(WIDE)
    page.get_by_label("Name, PNC id or order reference").fill("merc")
    page.get_by_role("button", name="Find").click()
    assert_for_everybody(page, axe_source)
    page.set_viewport_size(WIDE)
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
    page.set_viewport_size(WIDE)
    page.goto(f"{force_at_work.address}/caseload?whose=force")
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="KENT-2026-1")).to_be_visible()
    expect(page.get_by_role("button", name="Show these")).to_be_hidden()
    expect(page.get_by_role("link", name="My cases")).to_be_hidden()
    page.emulate_media(media="screen")
