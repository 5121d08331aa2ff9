"""Takes the pictures of the pages that record: `python -m tests.web.court_pictures`."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, expect, sync_playwright

from tests.web.browser import chromium
from tests.web.pictures import DESKTOP, PICTURES, both
from tests.web.site import site_at
from tests.web.test_court_walk import fill_time
from tests.web.walks import sign_in

ORDER = "KENT-2026-114"


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, site_at(Path(folder) / "site") as site, sync_playwright() as playwright:  # fmt: skip
        site.order(ORDER)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_context(viewport=DESKTOP).new_page()
        sign_in(page, site, role="spoc")
        page.goto(f"{site.address}/orders/{ORDER}/record")
        both(page, "record")
        page.goto(f"{site.address}/orders/{ORDER}/record/receive-notification")
        both(page, "notification")
        page.goto(f"{site.address}/orders/{ORDER}/record/report-breach")
        _report(page)
        browser.close()


def _report(page: Page) -> None:
    fill_time(page, "occurred_at", hours=2)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("P-CONTACT-DIRECT").check()
    page.get_by_label("Where does the report come from?").select_option("victim")
    page.get_by_label("What happened?").fill("Four calls from a withheld number, then a message.")
    page.get_by_label("Threats").check()
    both(page, "breach")
    page.get_by_role("button", name="Check your answers").click()
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    both(page, "check")
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("heading", name="Recorded", exact=True)).to_be_visible()
    page.wait_for_timeout(2_000)
    page.reload()
    both(page, "recorded")


if __name__ == "__main__":
    main()
