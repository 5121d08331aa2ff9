"""What automatic checkers and narrow screens find; the hand list is in docs/accessibility.md."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.everybody import RUN, assert_for_everybody
from tests.web.site import Site
from tests.web.walks import complaints, sign_in

Opened = Callable[[Page, Site], None]


def _sign_in_page(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/sign-in")


def _sign_in_refused(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/sign-in")
    page.get_by_label("Collar or payroll number").fill("no such number!")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def _board(page: Page, site: Site) -> None:
    sign_in(page, site)


def _board_not_live(page: Page, site: Site) -> None:
    sign_in(page, site)
    page.add_init_script("delete window.SharedWorker")
    page.route("**/board/stream*", lambda route: route.abort())
    page.reload()
    expect(page.get_by_text("NOT LIVE", exact=True).first).to_be_visible()


def _alert(page: Page, site: Site) -> None:
    sign_in(page, site)
    page.locator("[data-row] a").first.click()
    expect(page.get_by_role("heading", name="Power of arrest")).to_be_visible()


def _alert_with_everything_open(page: Page, site: Site) -> None:
    _alert(page, site)
    page.get_by_role("button", name="Acknowledge").first.click()
    page.get_by_role("button", name="Send the unit").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    page.wait_for_load_state()
    for folded in page.locator("summary").all():
        folded.click()


def _handover(page: Page, site: Site) -> None:
    _alert(page, site)
    page.get_by_role("button", name="Acknowledge").first.click()
    # Whoever goes on before the answer has come takes the step back.
    expect(page.get_by_role("button", name="Send the unit")).to_be_visible()
    page.goto(f"{site.address}/shift")
    page.get_by_role("button", name="Prepare a hand-over").click()
    expect(page.get_by_role("heading", name="Hand-over of")).to_be_visible()


def _holds_refused(page: Page, site: Site) -> None:
    sign_in(page, site)
    page.goto(f"{site.address}/holds")
    page.get_by_role("button", name="Hold them back").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def _nothing_there(page: Page, site: Site) -> None:
    sign_in(page, site)
    page.goto(f"{site.address}/no-such-page")


STATES = (
    _sign_in_page, _sign_in_refused, _board, _board_not_live, _alert, _alert_with_everything_open,
    _handover, _holds_refused,
    _nothing_there,
)  # fmt: skip


@pytest.fixture(scope="module")
def lived_in(site: Site) -> Site:
    for number in range(len(STATES) + 2):
        site.order(f"KENT-ALL-{number}", markers=["knife"])
        site.breach(f"KENT-ALL-{number}")
        site.alert(f"KENT-ALL-{number}")
    return site


@pytest.mark.parametrize("opened", STATES)
def test_a_page_is_for_everybody(
    lived_in: Site, page: Page, axe_source: str, opened: Opened
) -> None:
    opened(page, lived_in)
    assert_for_everybody(page, axe_source)


def test_the_checker_sees_a_fault(lived_in: Site, page: Page, axe_source: str) -> None:
    page.goto(f"{lived_in.address}/sign-in")
    page.evaluate("document.querySelector('label').remove()")
    page.evaluate(axe_source)
    assert any(each.startswith("label") for each in page.evaluate(RUN))


def test_a_page_asks_nobody_but_its_own_server(lived_in: Site, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, lived_in)
    heard = complaints(page)
    _alert(page, lived_in)
    assert {url.startswith(lived_in.address) for url in asked} == {True}
    assert not heard
