"""What people do in a browser, and what they must never see in its console."""

from playwright.sync_api import Page, expect

from tests.web.site import Site


def sign_in(
    page: Page, site: Site, staff: str = "4812", force: str = "Kent", role: str = "operator"
) -> None:
    page.goto(f"{site.address}/sign-in")
    page.get_by_label("Collar or payroll number").fill(staff)
    page.get_by_label("On duty as").select_option(role)
    page.get_by_label("Force").select_option(force)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Arrest board")


def complaints(page: Page) -> list[str]:
    """What the browser complains of from now on: scripts that fail, rules of the page broken."""
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda told: heard.append(told.text) if told.type == "error" else None)
    return heard
