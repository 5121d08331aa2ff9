import re
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from playwright.sync_api import Browser, Page, Route, expect

from domain.desk.events import AlertAcknowledged, AlertPresented
from tests.servers.silent_proxy import SilentProxy
from tests.stories import fact, tell
from tests.web.site import Caller, Site
from tests.web.walks import complaints, sign_in


def test_a_breach_is_painted_on_an_open_board_and_taken_with_one_key(
    site: Site, page: Page
) -> None:
    site.order("KENT-LIVE-1")
    sign_in(page, site)
    heard = complaints(page)
    site.breach("KENT-LIVE-1")
    row = page.locator("[data-row]", has_text="KENT-LIVE-1")
    expect(row).to_be_visible()
    expect(row).to_contain_text("Supervisor told in")
    page.keyboard.press("a")
    taken = page.locator('[data-list="in-hand"] [data-row]', has_text="KENT-LIVE-1")
    expect(taken).to_contain_text("4812 has it")
    alert = site.alert("KENT-LIVE-1")
    assert site.comes(AlertAcknowledged.TOPIC, alert)
    assert site.comes(AlertPresented.TOPIC, alert)
    site.order("KENT-LIVE-NEXT")
    site.breach("KENT-LIVE-NEXT")
    expect(page.locator("[data-row]", has_text="KENT-LIVE-NEXT")).to_be_visible()
    page.keyboard.press("o")
    page.wait_for_url(f"**/alerts/{alert}")
    assert not heard


def test_a_board_whose_script_never_came_is_no_live_board(site: Site, page: Page) -> None:
    page.route("**/static/board-*.js", lambda route: route.abort())
    sign_in(page, site)
    expect(page.get_by_text("NOT LIVE", exact=True)).to_be_visible()
    expect(page.locator("[data-live]")).not_to_have_text("Live")


def test_what_one_operator_takes_stands_on_every_board(site: Site, browser: Browser) -> None:
    site.order("KENT-LIVE-2")
    site.breach("KENT-LIVE-2")
    pages = [browser.new_context().new_page() for _ in range(2)]
    for page, staff in zip(pages, ("11", "22"), strict=True):
        sign_in(page, site, staff)
    first, second = (page.locator("[data-row]", has_text="KENT-LIVE-2") for page in pages)
    first.get_by_role("button").click()
    expect(second).to_contain_text("11 has it")
    expect(second.get_by_role("button")).to_have_count(0)


def test_the_focus_stays_on_a_row_that_changes_under_it(site: Site, page: Page) -> None:
    site.order("KENT-FOCUS-1")
    site.breach("KENT-FOCUS-1")
    sign_in(page, site)
    row = page.locator("[data-row]", has_text="KENT-FOCUS-1")
    row.get_by_role("link").focus()
    site.breach("KENT-FOCUS-1")
    expect(row.first).to_contain_text("2 open alerts on this person")
    expect(page.locator("[data-row]:focus-within", has_text="KENT-FOCUS-1")).to_have_count(1)


def test_a_frozen_server_is_no_live_board(own_site: Site, page: Page) -> None:
    sign_in(page, own_site)
    banner = page.get_by_text("NOT LIVE", exact=True).first
    expect(page.locator("[data-live]")).to_have_text("Live")
    own_site.program.freeze()
    expect(banner).to_be_visible()
    expect(page).to_have_title("NOT LIVE: Arrest board - Stalking Protection Orders")
    expect(page.locator("[data-silent]")).to_have_attribute("aria-live", "off")
    own_site.program.thaw()
    expect(banner).to_be_hidden()


def test_after_a_kill_the_board_comes_back_by_itself_and_missed_nothing(
    own_site: Site, page: Page
) -> None:
    own_site.order("KENT-KILL-1")
    sign_in(page, own_site)
    expect(page.locator("[data-live]")).to_have_text("Live")
    own_site.program.kill()
    expect(page.locator("[data-not-live]")).to_be_visible()
    own_site.breach("KENT-KILL-1")
    own_site.restart()
    expect(page.locator("[data-row]", has_text="KENT-KILL-1")).to_be_visible()
    expect(page.locator("[data-not-live]")).to_be_hidden()


def test_a_board_whose_link_swallows_everything_comes_back_by_another(
    site: Site, page: Page
) -> None:
    site.order("KENT-HOLE-1")
    with SilentProxy(site.port) as link:
        sign_in(page, replace(site, address=f"http://{link.address}"))
        expect(page.locator("[data-live]")).to_have_text("Live")
        link.swallow_what_stands()
        expect(page.locator("[data-not-live]")).to_be_visible()
        site.breach("KENT-HOLE-1")
        expect(page.locator("[data-row]", has_text="KENT-HOLE-1")).to_be_visible(timeout=20_000)
        expect(page.locator("[data-not-live]")).to_be_hidden()


def test_without_scripts_the_board_says_so_and_an_alert_can_be_taken(
    site: Site, browser: Browser
) -> None:
    site.order("KENT-PLAIN-1")
    site.breach("KENT-PLAIN-1")
    alert = site.alert("KENT-PLAIN-1")
    Caller(site).board_with(alert)
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, site)
    expect(page.get_by_text("This page does not update by itself")).to_be_visible()
    row = page.locator(f"#alert-{alert}")
    expect(row).to_be_visible()
    row.get_by_role("button").click()
    expect(page.locator(f'[data-list="in-hand"] #alert-{alert}')).to_contain_text("4812 has it")


def test_open_breaches_of_one_person_are_one_entry_that_keeps_the_focus(
    site: Site, page: Page, browser: Browser
) -> None:
    site.order("KENT-EPISODE-1")
    site.breach("KENT-EPISODE-1")
    first = site.alert("KENT-EPISODE-1")
    sign_in(page, site)
    heard = complaints(page)
    episode = page.locator("[data-episode]", has_text="KENT-EPISODE-1")
    page.locator(f"#alert-{first}").get_by_role("button").focus()
    expect(episode).to_have_count(0)
    site.breach("KENT-EPISODE-1", markers=[])
    acts = episode.locator("[data-row]")
    expect(acts).to_have_count(2)
    expect(episode).to_contain_text("Open breaches of one person: 2")
    expect(acts.last).to_have_id(f"alert-{first}")
    expect(page.locator(f"#alert-{first}").get_by_role("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(acts.last).to_contain_text("4812 has it")
    expect(page.locator('[data-list="waiting"]').locator(episode)).to_have_count(1)
    acts.first.get_by_role("button").click()
    expect(page.locator('[data-list="in-hand"]').locator(episode)).to_have_count(1)
    plain = browser.new_context(java_script_enabled=False).new_page()
    sign_in(plain, site)  # a page that says nothing anew: what it shows stood on the board above
    expect(plain.locator('[data-list="in-hand"] > [data-episode] [data-row]')).to_have_count(2)
    assert not heard


def test_a_breach_that_is_left_alone_of_its_episode_stands_alone(site: Site, page: Page) -> None:
    site.order("KENT-EPISODE-2")
    for _ in range(2):
        site.breach("KENT-EPISODE-2")
    sign_in(page, site)
    rows = page.locator("[data-row]", has_text="KENT-EPISODE-2")
    expect(page.locator("[data-episode]", has_text="KENT-EPISODE-2")).to_have_count(1)
    entered_in_error = fact(
        "BreachRetracted", datetime.now(UTC).isoformat(), incident=f"i-{site.told}"
    )
    tell(site.store, "KENT-EPISODE-2", entered_in_error, now=datetime.now(UTC))
    expect(rows).to_have_count(1)
    expect(page.locator("[data-episode]", has_text="KENT-EPISODE-2")).to_have_count(0)
    expect(
        page.locator('[data-list="waiting"] > [data-row]', has_text="KENT-EPISODE-2")
    ).to_be_visible()


def test_a_row_that_should_not_be_there_goes_by_itself(site: Site, page: Page) -> None:
    site.order("KENT-STALE")
    site.breach("KENT-STALE")
    alert = site.alert("KENT-STALE")
    sign_in(page, site)
    expect(page.locator("[data-live]")).to_have_text("Live")
    page.locator(f"#alert-{alert}").evaluate(
        "row => { const stale = row.cloneNode(true); stale.id = 'alert-stale'; row.after(stale) }"
    )
    expect(page.locator("#alert-stale")).to_have_count(1)
    expect(page.locator("#alert-stale")).to_have_count(0)
    expect(page.locator(f"#alert-{alert}")).to_be_visible()


def test_a_new_priority_1_stands_first_though_an_episode_began_in_the_same_message(
    site: Site, page: Page
) -> None:
    for order in ("OLD", "LONE", "OTHER", "NEW"):
        site.order(f"SURREY-{order}", "Surrey")
    for order in ("OLD", "LONE"):
        site.breach(f"SURREY-{order}", markers=[])
        site.alert(f"SURREY-{order}")
    sign_in(page, site, force="Surrey")
    board = Caller(site, force="Surrey")

    def both_came_meanwhile(route: Route) -> None:
        site.breach("SURREY-OLD", markers=[])
        for order in ("OTHER", "NEW"):
            site.breach(f"SURREY-{order}")
        board.board_with(site.alert("SURREY-NEW"))
        route.continue_()

    page.route("**/static/board-*.js", both_came_meanwhile)
    page.reload()
    acts = page.locator("[data-episode] [data-row]", has_text="SURREY-OLD")
    expect(acts).to_have_count(2)
    expect(page.locator('[data-list="waiting"] > li').first).to_contain_text("SURREY-NEW")
    announced = page.locator("[data-announce]")
    expect(announced).to_contain_text("SURREY-OTHER")
    said = announced.inner_text()
    assert 0 < said.index("SURREY-NEW") < said.index("SURREY-OTHER")


def test_a_key_takes_what_was_chosen_and_never_another_unread(site: Site, page: Page) -> None:
    alerts = []
    for number in range(3):
        site.order(f"DORSET-{number}", "Dorset")
        site.breach(f"DORSET-{number}", markers=["weapons"] if number else [])
        alerts.append(site.alert(f"DORSET-{number}"))
    sign_in(page, site, force="Dorset")
    last, first, second = (page.locator(f"#alert-{each}") for each in alerts)
    first.get_by_role("link").focus()
    Caller(site, "11", "Dorset").post(f"/alerts/{alerts[1]}/acknowledge")
    expect(first).to_contain_text("11 has it")
    page.keyboard.press("a")
    expect(first).to_contain_text("This one is not to be taken.")
    page.keyboard.down("a")
    expect(second).to_contain_text("4812 has it")
    page.keyboard.down("a")
    expect(page.locator("[data-part=take][aria-disabled=true]")).to_have_count(0)
    expect(last.get_by_role("button")).to_have_count(1)
    page.keyboard.up("a")
    page.keyboard.press("a")
    expect(last).to_contain_text("4812 has it")


def test_the_row_beside_one_that_went_has_the_focus_and_is_not_chosen(
    site: Site, page: Page
) -> None:
    for number in range(2):
        site.order(f"CUMBRIA-{number}", "Cumbria")
        site.breach(f"CUMBRIA-{number}")
    sign_in(page, site, force="Cumbria")
    went, stays = (page.locator("[data-row]", has_text=f"CUMBRIA-{number}") for number in (1, 0))
    expect(stays).to_be_visible()
    expect(page.locator("[data-live]")).to_have_text("Live")
    went.get_by_role("link").focus()
    expect(page.locator(".spo-row--chosen")).to_have_count(1)
    entered_in_error = fact(
        "BreachRetracted", datetime.now(UTC).isoformat(), incident=f"i-{site.told}"
    )
    tell(site.store, "CUMBRIA-1", entered_in_error, now=datetime.now(UTC))
    expect(went).to_have_count(0)
    expect(stays.get_by_role("link")).to_be_focused()
    expect(page.locator(".spo-row--chosen")).to_have_count(0)


def test_a_count_ahead_of_the_rows_asks_for_nothing_and_one_that_stays_so_for_the_whole(
    site: Site, page: Page
) -> None:
    asked: list[str] = []
    counts = '{"waiting": 9, "in-hand": 0, "arrest": 9, "protect": 0, "task": 0}'
    body = f'retry: 50\nevent: rows\ndata: [{{"id": "0", "gone": true}}]\nid: 1\n\nevent: beat\ndata: {counts}\n\n'

    def counted_ahead(route: Route) -> None:
        route.fulfill(content_type="text/event-stream", body=body)

    page.add_init_script("delete window.SharedWorker")
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/board/stream*", counted_ahead)
    with page.expect_request(lambda request: request.url.endswith("after=-1")):
        sign_in(page, site, force="Cleveland")
    streams = [each.rpartition("=")[2] for each in asked if "/board/stream" in each]
    assert streams.index("-1") == 2


def test_an_episode_stands_where_its_most_urgent_act_stands_that_waits(
    site: Site, page: Page
) -> None:
    alerts: list[UUID] = []
    for order, markers in (("BOTH", []), ("BOTH", ["weapons"]), ("LONE", [])):
        if not alerts or order == "LONE":
            site.order(f"NORFOLK-{order}", "Norfolk")
        site.breach(f"NORFOLK-{order}", markers=markers)
        alerts.append(site.alert(f"NORFOLK-{order}", 1 + ("weapons" in markers)))
    older, urgent, lone = alerts
    sign_in(page, site, force="Norfolk")
    entries = page.locator('[data-list="waiting"] > li')
    expect(entries).to_have_count(2)
    expect(entries.first).to_contain_text("NORFOLK-BOTH")
    page.locator(f"#alert-{urgent}").get_by_role("button").click()
    for _ in ("told", "as the page is made"):
        expect(entries.first).to_have_id(f"alert-{lone}")
        expect(entries.last.locator("[data-row]").first).to_have_id(f"alert-{older}")
        expect(page.locator('[data-count="in-hand"]')).to_have_text("1")
        expect(page.get_by_text("Nobody has an alert in hand.")).to_be_hidden()
        page.reload()


def test_who_never_works_alerts_is_offered_none(site: Site) -> None:
    site.order("SUFFOLK-1", "Suffolk")
    site.breach("SUFFOLK-1")
    alert = site.alert("SUFFOLK-1")
    for role, offered in (("operator", True), ("reviewer", False)):
        caller = Caller(site, force="Suffolk", role=role)
        board = caller.board_with(alert)
        assert ("Acknowledge" in board, "data-sounds" in board) == (offered, offered)
        assert (f'href="/alerts/{alert}"' in board) == offered
        assert (caller.get(f"/alerts/{alert}").status_code == 200) == offered


def test_a_computer_whose_clock_is_a_day_off_shows_true_ages_and_says_so(
    site: Site, page: Page
) -> None:
    site.order("WILTSHIRE-1", "Wiltshire")
    site.breach("WILTSHIRE-1")
    site.alert("WILTSHIRE-1")
    page.add_init_script("const true_ = Date.now; window.off = 864e5; Date.now = () => true_() + window.off")  # fmt: skip
    sign_in(page, site, force="Wiltshire")
    row = page.locator("[data-row]", has_text="WILTSHIRE-1")
    expect(page.locator("[data-live]")).to_have_text("Live")
    expect(page.locator("[data-clock]")).to_contain_text(" ahead of the server's")
    expect(row.locator("[data-since]")).to_have_text(re.compile(r"^\d+ s ago$"))
    expect(row.locator("[data-until]")).not_to_contain_text("overdue")
    row.get_by_role("link").click()
    expect(page.locator("[data-clock]")).to_contain_text(
        re.compile(r"is (24 h 00|23 h 59) min ahead")
    )
    page.evaluate("window.off = 0")
    expect(page.locator("[data-clock]")).to_be_empty()
