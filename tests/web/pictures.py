"""Takes the pictures in docs/pictures from a demonstration that runs: `python -m tests.web.pictures`."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.program import Program
from tests.web.browser import ROOT, chromium

PICTURES = ROOT / "docs" / "pictures"
DESKTOP, PHONE = ViewportSize(width=1366, height=860), ViewportSize(width=390, height=844)
_BEGUN = 180.0
"""Seconds for the demonstration to begin; a busy machine takes its time."""
_LIVE = 120_000
"""Milliseconds for the demonstration to bring enough to look at."""


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        arguments = ("demo", "--pace", "0.5", "--data-dir", str(Path(folder) / "demo"))
        with Program(*arguments) as demo:
            said = demo.said.until(lambda line: "arrest board: http" in line, _BEGUN)
            address = said.split()[-1].rstrip("/")
            demo.said.until(lambda line: "Now live" in line, _BEGUN)
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            _take(browser, address, demo)
            browser.close()


def _take(browser: Browser, address: str, demo: Program) -> None:
    page = browser.new_context(viewport=DESKTOP).new_page()
    page.goto(f"{address}/sign-in")
    both(page, "sign-in")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator('[data-list="waiting"] [data-row]').nth(4)).to_be_visible(timeout=_LIVE)
    expect(page.locator("[data-sounds]").first).to_be_visible(timeout=_LIVE)
    row = page.locator('[data-list="waiting"] > [data-row]').nth(1)
    alert = row.get_attribute("data-row")
    row.get_by_role("button").click()
    expect(page.locator('[data-list="in-hand"] [data-row]').first).to_be_visible()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    both(page, "board")
    _take_in_welsh(page, address)
    page.goto(f"{address}/alerts/{alert}")
    both(page, "alert")
    page.get_by_role("link", name="Everything on record of this order").click()
    both(page, "order")
    _take_reading(browser, address)
    page.goto(f"{address}/board")
    demo.freeze()
    expect(page.locator("[data-not-live]")).to_be_visible(timeout=9_000)
    page.wait_for_timeout(2_000)
    both(page, "not-live")
    demo.thaw()


def _take_in_welsh(page: Page, address: str) -> None:
    page.get_by_role("link", name="Cymraeg").click()
    expect(page.locator("[data-live]")).to_have_text("Byw")
    both(page, "board-welsh")
    page.get_by_role("link", name="English").click()
    page.goto(f"{address}/board")


def _take_reading(browser: Browser, address: str) -> None:
    """Lists and reports, as a supervisor reads them."""
    page = browser.new_context(viewport=DESKTOP).new_page()
    page.goto(f"{address}/sign-in")
    page.get_by_label("On duty as").select_option("supervisor")
    page.get_by_role("button", name="Sign in").click()
    for name, path in (
        ("caseload", "/caseload?whose=force"),
        ("diary", "/diary"),
        ("audit", "/reports/audit"),
        ("statistics", "/reports/statistics"),
        ("find", "/people"),
        ("shift", "/shift"),
        ("holds", "/holds"),
        ("break-glass", "/break-glass"),
        ("help", "/help/breach"),
    ):
        page.goto(address + path)
        both(page, name)
    page.goto(f"{address}/caseload?whose=force")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="The person and every order").click()
    both(page, "person")
    page.goto(f"{address}/sign-in")
    page.get_by_label("On duty as").select_option("reviewer")
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{address}/audit/consultations")
    both(page, "consultations")


def both(page: Page, name: str) -> None:
    """The same page at a desk and in a hand."""
    for size, where in ((DESKTOP, "desktop"), (PHONE, "phone")):
        page.set_viewport_size(size)
        page.wait_for_timeout(600)
        page.screenshot(path=PICTURES / f"{name}-{where}.png")
    page.set_viewport_size(DESKTOP)


if __name__ == "__main__":
    main()
