import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from domain.consultations import RecordConsulted
from tests.web.site import Caller, Site
from tests.web.walks import complaints, sign_in
from web.sessions import IDLE

SCRIPT = "<script>window.hacked = true</script><img src=x onerror='window.hacked = true'>"


def test_an_officer_finds_on_the_page_what_the_law_asks_for(site: Site, page: Page) -> None:
    site.order("KENT-PAGE-1")
    site.breach("KENT-PAGE-1", narrative="Waited at the gate.")
    sign_in(page, site)
    page.goto(f"{site.address}/alerts/{site.alert('KENT-PAGE-1')}")
    for words in (
        "Alan Example", "1 High Street, Chatham", "“Not to contact Vera Sample by any means.”",
        "SPA 2019 s.8(1)", "s.24(5)(c)", "Waited at the gate.", "never to the subject",
        "by her sister", "at the time: YES; now: YES",
    ):  # fmt: skip
        expect(page.get_by_text(words).first).to_be_visible()
    expect(page.get_by_role("list").filter(has_text="Raised")).to_contain_text("arrest-desk")


def test_scripts_in_what_people_wrote_are_words(site: Site, page: Page) -> None:
    site.order("KENT-XSS-1", name=f"Mal {SCRIPT}", description=SCRIPT, markers=[SCRIPT])
    site.breach("KENT-XSS-1", narrative=SCRIPT)
    sign_in(page, site)
    heard = complaints(page)
    page.goto(f"{site.address}/alerts/{site.alert('KENT-XSS-1')}")
    expect(page.get_by_text(f"Mal {SCRIPT}").first).to_be_visible()
    assert page.get_by_text("onerror=").count() >= 4
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("textbox", name="Unit").fill(SCRIPT)
    page.get_by_role("textbox", name="Incident number").fill(SCRIPT)
    page.get_by_role("button", name="Send the unit").click()
    expect(page.get_by_text(f"Unit {SCRIPT} sent")).to_be_visible()
    assert page.evaluate("window.hacked === undefined")
    assert not heard


def test_an_alert_is_dealt_with_from_the_keyboard_alone(site: Site, page: Page) -> None:
    site.order("KENT-KEYS-1")
    site.breach("KENT-KEYS-1")
    alert = site.alert("KENT-KEYS-1")
    sign_in(page, site, "900", role="supervisor")
    row = page.locator(f"#alert-{alert}")
    expect(row).to_be_visible()
    while not page.locator(f"#alert-{alert}.spo-row--chosen").count():
        page.keyboard.press("j")
    page.keyboard.press("a")
    expect(row).to_contain_text("900 has it")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Breach of the order")
    page.wait_for_load_state()
    _worked(page)
    _closed(page)
    assert not [each for each in site.store_rows("KENT-KEYS-1") if each.open]


def _worked(page: Page) -> None:
    _typed(page, "Unit", "KX12")
    _typed(page, "Incident number", "20261122-0117")
    _sent(page, "Unit KX12 sent, incident 20261122-0117")
    _unfolded(page, "Tell the protected person")
    _chosen(page, "By telephone, on the safe number")
    _chosen(page, "Yes")
    _sent(page, "Protected person told by phone")
    _unfolded(page, "Outcome")
    page.get_by_role("combobox", name="What came of it").focus()
    page.keyboard.type("Arrested")
    _typed(page, "Reference", "CUST-77")
    page.keyboard.press("Tab")
    _sent(page, "Outcome: Arrested; reference CUST-77")


def _closed(page: Page) -> None:
    for yes in page.get_by_role("radio", name="Yes").all():
        yes.focus()
        page.keyboard.press("Space")
    _typed(page, "Crime reference", "46/1234/26")
    page.get_by_role("button", name="Close it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Closed. Were the person's other breaches")).to_be_visible()


def _typed(page: Page, label: str, words: str) -> None:
    page.get_by_role("textbox", name=label, exact=True).focus()
    page.keyboard.type(words)


def _chosen(page: Page, label: str) -> None:
    page.get_by_role("radio", name=label, exact=True).focus()
    page.keyboard.press("Space")


def _unfolded(page: Page, title: str) -> None:
    page.locator("summary").filter(has_text=title).focus()
    page.keyboard.press("Enter")


def _sent(page: Page, said: str) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text(said).first).to_be_visible()
    page.wait_for_load_state()  # until then a script of the page may move the focus


def test_what_somebody_else_did_meanwhile_is_shown_and_nothing_typed_is_lost(
    site: Site, browser: Browser
) -> None:
    site.order("KENT-TWO-1")
    site.breach("KENT-TWO-1")
    address = f"{site.address}/alerts/{site.alert('KENT-TWO-1')}"
    first, second = (browser.new_context().new_page() for _ in range(2))
    for page, staff in ((first, "11"), (second, "22")):
        sign_in(page, site, staff)
    first.goto(address)
    second.goto(address)
    first.get_by_role("button", name="Acknowledge").click()
    expect(second.get_by_text("Somebody has done something on this alert.")).to_be_visible()
    second.locator("summary").filter(has_text="Change the priority").click()
    second.get_by_role("combobox", name="Priority").select_option("2")
    second.get_by_role("textbox", name="Why").fill("Seen elsewhere")
    second.get_by_role("button", name="Change it").click()
    expect(second.get_by_text("Somebody else was here meanwhile")).to_be_visible()
    expect(second.get_by_text("Acknowledged by 11, operator").first).to_be_visible()
    expect(second.get_by_role("textbox", name="Why")).to_have_value("Seen elsewhere")
    second.get_by_role("button", name="Change it").click()
    expect(second.get_by_text("only a supervisor lowers one").first).to_be_visible()
    expect(second.get_by_role("textbox", name="Why")).to_have_value("Seen elsewhere")


def test_a_page_that_missed_news_tells_of_what_was_done_on_its_alert_and_of_nothing_else(
    site: Site, context: BrowserContext
) -> None:
    site.order("KENT-MISSED-1")
    site.breach("KENT-MISSED-1")
    alert = site.alert("KENT-MISSED-1")
    page = context.new_page()
    sign_in(page, site)
    missed = "retry: 200\nevent: all\nid: 1\ndata: {}\n\n"
    page.add_init_script("delete window.SharedWorker")
    page.route(
        "**/alerts/stream*",
        lambda route: route.fulfill(content_type="text/event-stream", body=missed),
    )
    page.goto(f"{site.address}/alerts/{alert}")
    colleague = Caller(site, "22")
    assert colleague.post("/board/painted", alert=str(alert)).status_code == 204
    for _ in range(2):
        with page.expect_response("**/version") as asked:
            pass
        assert asked.value.ok
    somebody = page.get_by_text("Somebody has done something on this alert.")
    expect(somebody).to_be_hidden()
    colleague.post(f"/alerts/{alert}/acknowledge")
    expect(somebody).to_be_visible()


def test_a_page_whose_stream_was_cut_asks_what_was_done_meanwhile(
    site: Site, context: BrowserContext
) -> None:
    site.order("KENT-CUT-1")
    site.breach("KENT-CUT-1")
    alert = site.alert("KENT-CUT-1")
    page = context.new_page()
    sign_in(page, site)
    beat = "retry: 200\nevent: beat\ndata: {}\n\n"
    page.add_init_script("delete window.SharedWorker")
    page.route(
        "**/alerts/stream*",
        lambda route: route.fulfill(content_type="text/event-stream", body=beat),
    )
    page.goto(f"{site.address}/alerts/{alert}")
    with page.expect_response("**/version"):
        pass
    somebody = page.get_by_text("Somebody has done something on this alert.")
    expect(somebody).to_be_hidden()
    Caller(site, "22").post(f"/alerts/{alert}/acknowledge")
    expect(somebody).to_be_visible()


def test_every_opening_of_the_page_is_one_consultation_on_record(site: Site, page: Page) -> None:
    site.order("KENT-READ-1")
    site.breach("KENT-READ-1")
    alert = site.alert("KENT-READ-1")
    sign_in(page, site)
    before = len(site.recorded(RecordConsulted.TOPIC))
    for _ in range(3):
        page.goto(f"{site.address}/alerts/{alert}")
    assert len(site.recorded(RecordConsulted.TOPIC)) == before + 3


def test_an_alert_page_that_lost_its_stream_for_good_says_so_and_what_to_do(
    site: Site, context: BrowserContext
) -> None:
    site.order("KENT-IDLE-1")
    site.breach("KENT-IDLE-1")
    page = context.new_page()
    sign_in(page, site)

    def a_quarter_of_an_hour_later(route: Route) -> None:
        _idle(site)
        route.continue_()

    page.add_init_script("delete window.SharedWorker")
    page.route("**/alerts/stream*", a_quarter_of_an_hour_later)
    page.goto(f"{site.address}/alerts/{site.alert('KENT-IDLE-1')}")
    expect(page.get_by_role("alert").get_by_text("lost its connection for good")).to_be_visible()
    expect(page.locator("[data-live]")).to_have_text("NOT LIVE")
    page.get_by_role("link", name="Open it again").click()
    expect(page.get_by_text("Sign in").first).to_be_visible()


def _idle(site: Site) -> None:
    with closing(sqlite3.connect(site.directory / "sessions.db")) as sessions:
        sessions.execute("UPDATE signed_in SET seen = seen - ?", (IDLE.total_seconds(),))
        sessions.commit()


def test_the_open_breaches_of_the_person_are_one_timeline_by_when_they_happened(site: Site) -> None:
    site.order("KENT-EPISODE-1")
    now = datetime.now(UTC)
    for hours in (1, 5):
        site.breach("KENT-EPISODE-1", occurred_at=(now - timedelta(hours=hours)).isoformat())
    alert = site.alert("KENT-EPISODE-1", 2)
    page = Caller(site).get(f"/alerts/{alert}").text
    timeline = page[page.index("2 open breaches of this person") :]
    happened = re.findall(r'moj-timeline__date"><time datetime="([^"]+)"', timeline)
    assert len(happened) == 2
    assert happened == sorted(happened, reverse=True)
    assert timeline.count("This alert") == 1
    assert timeline.count(f'href="/alerts/{alert}"') == 0
