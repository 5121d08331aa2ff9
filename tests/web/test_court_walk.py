"""Recording in a browser: without scripts, for everybody, at 320 px."""

from playwright.sync_api import Browser, Page, expect

from tests.web.everybody import assert_for_everybody
from tests.web.site import Site
from tests.web.test_court_pages import at
from tests.web.walks import complaints, sign_in

REF = "KENT-WALK-1"


def fill_time(page: Page, name: str, **ago: float) -> None:
    for field, value in at(name, **ago).items():
        page.locator(f'[name="{field}"]').fill(value)


def find(page: Page, site: Site, axe_source: str) -> None:
    """From the first page to the list of what can be recorded, with one mistake on the way."""
    page.goto(f"{site.address}/record")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    assert_for_everybody(page, axe_source)
    page.get_by_label("Order reference").fill(REF)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("link", name="Breach reported")).to_be_visible()
    assert_for_everybody(page, axe_source)


def answer(page: Page, axe_source: str) -> None:
    """The questions about a breach; what is forgotten is linked from the summary."""
    fill_time(page, "occurred_at", hours=2)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Check your answers").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    page.get_by_role("link", name="Answer this question").first.click()
    expect(page.get_by_label("P-CONTACT-DIRECT")).to_be_focused()
    assert_for_everybody(page, axe_source)
    page.get_by_label("P-CONTACT-DIRECT").check()
    page.get_by_label("Where does the report come from?").select_option("neighbour")
    page.get_by_label("What happened?").fill("He waited at the gate.")
    page.get_by_role("button", name="Check your answers").click()


def test_a_breach_is_reported_in_a_browser_and_every_page_is_for_everybody(
    site: Site, page: Page, axe_source: str
) -> None:
    site.order(REF)
    sign_in(page, site, role="spoc")
    heard = complaints(page)
    find(page, site, axe_source)
    page.get_by_role("link", name="Breach reported").click()
    expect(page.locator('[name="occurred_at-day"]')).to_be_visible()
    assert_for_everybody(page, axe_source)
    answer(page, axe_source)
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    assert_for_everybody(page, axe_source)
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("heading", name="Recorded", exact=True)).to_be_visible()
    expect(page.locator(".govuk-inset-text").get_by_role("link", name="Alert ")).to_be_visible()
    assert_for_everybody(page, axe_source)
    assert [each for each in heard if "422" not in each] == []


def test_terms_are_entered_without_a_script(site: Site, browser: Browser) -> None:
    with browser.new_context(java_script_enabled=False) as plain:
        page = plain.new_page()
        sign_in(page, site, role="spoc")
        page.goto(f"{site.address}/orders/KENT-WALK-2/record/grant-full")
        page.get_by_label("Until a further order").check()
        page.get_by_label("The court's words").fill("Not to contact Vera Sample.")
        page.get_by_label("Kind").select_option("P-CONTACT-DIRECT")
        page.get_by_role("button", name="Add another term").click()
        expect(page.get_by_role("group", name="Term 2")).to_be_visible()
        page.get_by_label("Year").first.press("Enter")
        expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
        page.get_by_role("button", name="Change something").click()
        expect(page.get_by_label("The court's words").first).to_have_value("Not to contact Vera Sample.")  # fmt: skip
        page.get_by_role("button", name="Check your answers").click()
        page.get_by_role("button", name="Record it").click()
        expect(page.get_by_role("heading", name="Recorded", exact=True)).to_be_visible()
    order = site.store.register.order("KENT-WALK-2")
    assert order.known_until is not None
    assert order.position(order.known_until).in_force == "full"
