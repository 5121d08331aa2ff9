"""A session that ends in the middle of a form: nothing is done, and no answer is typed twice."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from domain.desk.events import AlertTasked
from tests.program import PATIENCE, Program
from tests.web.site import Caller, Site
from tests.web.walks import sign_in


def test_after_signing_in_again_the_answers_are_there_and_nothing_was_done_in_between(
    site: Site, browser: Browser
) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    site.order("KENT-KEPT-1")
    site.breach("KENT-KEPT-1")
    alert = site.alert("KENT-KEPT-1")
    sign_in(page, site)
    page.goto(f"{site.address}/alerts/{alert}")
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("textbox", name="Unit").first.fill("KX77")
    page.get_by_role("textbox", name="Incident number").fill("20261122-0200 & co")
    page.context.clear_cookies()
    page.get_by_role("button", name="Send the unit").click()
    expect(page.get_by_text("Nothing was done.")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Nothing was done.")).to_be_visible()
    assert alert not in site.recorded(AlertTasked.TOPIC)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in").click()
    sign_in(opened.value, site)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("20261122-0200 & co")).to_be_visible()
    assert alert not in site.recorded(AlertTasked.TOPIC)
    page.get_by_role("button", name="Send them").click()
    expect(page.get_by_text("Unit KX77 sent, incident 20261122-0200 & co")).to_be_visible()
    assert site.recorded(AlertTasked.TOPIC).count(alert) == 1


def test_a_notification_typed_into_a_session_that_ended_is_read_again_in_its_own_words(
    site: Site, browser: Browser
) -> None:
    with browser.new_context(java_script_enabled=False) as plain:
        page = plain.new_page()
        site.order("KENT-KEPT-3")
        sign_in(page, site, role="spoc")
        page.goto(f"{site.address}/orders/KENT-KEPT-3/record/receive-notification")
        for chosen in ("The person the order is against", "Orally, at a police station", "No home: the place"):  # fmt: skip
            page.get_by_label(chosen).check()
        page.get_by_label("Where is the police station?").select_option("home_address_area")
        page.get_by_label("Which names were notified?").fill("Alan Example\nAl <b>Other")
        page.get_by_label("Which home address was notified?").fill("The mission")
        plain.clear_cookies()
        page.get_by_role("button", name="Check your answers").click()
        answers = page.locator(".govuk-summary-list")
        expect(answers).to_contain_text("Who gave the notification?The person the order is against")
        expect(answers).to_contain_text("Alan Example, Al <b>Other")
        expect(answers).not_to_contain_text("T day", ignore_case=True)
        with plain.expect_page() as opened:
            page.get_by_role("link", name="Sign in").click()
        sign_in(opened.value, site, role="spoc")
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Send them").click()
        expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
        expect(
            page.get_by_text("No home: the place where they can regularly be found")
        ).to_be_visible()
        page.get_by_role("button", name="Record it").click()
        expect(page.get_by_text("Acknowledgement of a notification")).to_be_visible()


@pytest.mark.parametrize(
    "shown", ["/board?force=West+Mercia&kind=task", "/orders/KENT%20%C3%A9%201?until=1,2&who=*~"]
)
def test_after_signing_in_again_the_page_is_the_one_that_was_asked_for(
    site: Site, shown: str
) -> None:
    sent = requests.get(site.address + shown, allow_redirects=False, timeout=PATIENCE)
    to = parse_qs(urlsplit(sent.headers["location"]).query)["to"][0]
    given = {"staff": "12", "force": "Kent", "role": "operator", "to": to}
    back = requests.post(
        f"{site.address}/sign-in", data=given, allow_redirects=False, timeout=PATIENCE
    )
    assert back.headers["location"] == shown
    elsewhere = given | {"to": "/board?x=//evil.example"}
    back = requests.post(
        f"{site.address}/sign-in", data=elsewhere, allow_redirects=False, timeout=PATIENCE
    )
    assert back.headers["location"] == "/board"


def test_a_form_with_another_sessions_token_does_nothing_and_is_shown_first(site: Site) -> None:
    site.order("KENT-KEPT-2")
    site.breach("KENT-KEPT-2")
    alert = site.alert("KENT-KEPT-2")
    answer = Caller(site).post(f"/alerts/{alert}/acknowledge", csrf="another's", reason="<b>x")
    assert answer.status_code == 403
    assert "&lt;b&gt;x" in answer.text
    assert not [each for each in site.store_rows("KENT-KEPT-2") if each.ownership.staff]


def test_two_servers_of_one_directory_know_each_others_sessions_and_paint_the_same(
    site: Site, page: Page
) -> None:
    caller = Caller(site)
    with Program("run", "api", "--data-dir", str(site.directory)) as other:
        said = other.said.until(lambda line: '"pages"' in line)
        address = said.split('"address": "')[1].split('/"')[0]
        told = requests.get(f"{address}/board", headers={"Cookie": caller.cookie}, timeout=PATIENCE)
        assert told.status_code == 200
        sign_in(page, site)
        page.goto(f"{address}/board")
        site.order("KENT-BOTH-1")
        site.breach("KENT-BOTH-1")
        expect(page.locator("[data-row]", has_text="KENT-BOTH-1")).to_be_visible()
        page.goto(f"{site.address}/board")
        expect(page.locator("[data-row]", has_text="KENT-BOTH-1")).to_be_visible()
