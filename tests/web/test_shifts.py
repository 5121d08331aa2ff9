"""The change of shifts and holding alerts back, as people do them in a browser, with scripts or without."""

from datetime import UTC, datetime
from uuid import UUID

from playwright.sync_api import Browser, Page, expect

from domain.desk.events import AlertHandedOver
from domain.desk.shifts import SignedOff
from tests.web.site import Caller, Site
from tests.web.walks import sign_in


def alert_of(site: Site, reference: str, **data: object) -> str:
    site.order(reference)
    site.breach(reference, **data)
    return str(site.alert(reference))


def no_scripts(browser: Browser) -> Page:
    return browser.new_context(java_script_enabled=False).new_page()


def acknowledge(page: Page, site: Site, alert: str) -> None:
    page.goto(f"{site.address}/alerts/{alert}")
    page.get_by_role("button", name="Acknowledge").click()
    # Whoever goes on before the answer has come takes the step back.
    expect(page.get_by_role("button", name="Send the unit")).to_be_visible()


def test_a_shift_is_handed_over_by_name_and_nobody_leaves_with_a_priority_one(
    site: Site, browser: Browser
) -> None:
    leaver, taker = no_scripts(browser), no_scripts(browser)
    sign_in(leaver, site, "701")
    acknowledge(leaver, site, alert_of(site, "KENT-SHIFT-1"))
    leaver.goto(f"{site.address}/shift")
    expect(leaver.get_by_text("KENT-SHIFT-1")).to_be_visible()
    leaver.get_by_role("button", name="Go off duty").click()
    expect(leaver.get_by_role("alert")).to_contain_text("hand")
    leaver.get_by_role("button", name="Prepare a hand-over").click()
    expect(leaver.get_by_role("heading", name="Hand-over of 701")).to_be_visible()
    sign_in(taker, site, "702")
    taker.goto(f"{site.address}/shift")
    taker.get_by_role("link", name="Left by 701").click()
    taker.get_by_role("button", name="Sign: I have taken over").click()
    expect(taker.get_by_role("alert")).to_be_visible()
    taker.get_by_role("button", name="Take it").click()
    expect(taker.get_by_text("Taken by 702")).to_be_visible()
    taker.get_by_role("button", name="Sign: I have taken over").click()
    expect(taker.get_by_text("Signed: nothing is left")).to_be_visible()
    assert site.comes(AlertHandedOver.TOPIC, site.alert("KENT-SHIFT-1"))
    taker.goto(f"{site.address}/shift")
    expect(taker.get_by_role("link", name="Left by 701")).to_have_count(0)
    leaver.goto(f"{site.address}/shift")
    leaver.get_by_role("button", name="Go off duty").click()
    expect(leaver.get_by_role("heading", name="Sign in")).to_be_visible()
    assert len(site.recorded(SignedOff.TOPIC)) == 1


def test_what_the_next_shift_must_know_stands_on_the_hand_over(
    site: Site, browser: Browser
) -> None:
    leaver, taker = no_scripts(browser), no_scripts(browser)
    sign_in(leaver, site, "721")
    leaver.goto(f"{site.address}/shift")
    note = leaver.get_by_role("textbox", name="What the next shift must know")
    note.fill("x" * 201)
    leaver.get_by_role("button", name="Prepare a hand-over").click()
    expect(leaver.locator("#note-error")).to_contain_text("at most 200 characters")
    expect(note).to_have_value("x" * 201)
    note.fill("KA21 waits outside <b>the school")
    leaver.get_by_role("button", name="Prepare a hand-over").click()
    sign_in(taker, site, "722")
    taker.goto(leaver.url)
    expect(taker.get_by_text("KA21 waits outside <b>the school")).to_be_visible()


def test_a_hand_over_shows_how_long_each_alert_has(site: Site, browser: Browser) -> None:
    leaver = no_scripts(browser)
    sign_in(leaver, site, "723")
    acknowledge(leaver, site, alert_of(site, "KENT-SHIFT-TIMED"))
    leaver.goto(f"{site.address}/shift")
    leaver.get_by_role("button", name="Prepare a hand-over").click()
    handed = leaver.get_by_role("listitem").filter(has_text="KENT-SHIFT-TIMED")
    expect(handed).to_contain_text("The lease ends ")
    expect(handed).to_contain_text("To be told ")


def test_a_hand_over_of_another_force_is_not_there(
    site: Site, page: Page, browser: Browser
) -> None:
    sign_in(page, site, "711")
    page.goto(f"{site.address}/shift")
    page.get_by_role("button", name="Prepare a hand-over").click()
    expect(page.get_by_text("There was nothing to hand over.")).to_be_visible()
    other = browser.new_context().new_page()
    sign_in(other, site, "712", force="Essex")
    answer = other.goto(page.url)
    assert answer is not None
    assert answer.status == 404


def test_alerts_are_held_back_by_a_supervisor_and_told_of_again_when_it_ends(
    site: Site, browser: Browser
) -> None:
    page = no_scripts(browser)
    sign_in(page, site, "721", role="supervisor")
    page.goto(f"{site.address}/holds")
    page.get_by_role("button", name="Hold them back").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one term")
    page.get_by_role("radio", name="An exercise").check()
    page.get_by_role("textbox", name="For how many hours").fill("2")
    page.get_by_role("textbox", name="Why now").fill("Exercise Heron")
    page.get_by_role("checkbox", name="P-CONTACT-DIRECT").check()
    page.get_by_role("button", name="Hold them back").click()
    expect(page.get_by_text("Exercise Heron")).to_be_visible()
    held = alert_of(site, "KENT-HOLD-1", markers=[])
    Caller(site).board_with(UUID(held))
    page.goto(f"{site.address}/board?kind=arrest")
    row = page.locator("[data-row]", has_text="KENT-HOLD-1")
    expect(row).to_contain_text("Held until")
    page.goto(f"{site.address}/holds")
    expect(page.get_by_role("link", name="Breach of the order")).to_be_visible()
    page.get_by_role("button", name="End it now").click()
    expect(page.get_by_text("Nothing is held back.")).to_be_visible()
    (case,) = site.store_rows("KENT-HOLD-1")
    assert case.holding.until is not None
    assert case.holding.until <= datetime.now(UTC)


def test_a_rule_is_disabled_by_two_and_every_board_of_the_force_says_so(
    site: Site, page: Page, browser: Browser
) -> None:
    first, second = no_scripts(browser), no_scripts(browser)
    sign_in(first, site, "723", role="supervisor")
    sign_in(second, site, "724", role="supervisor")
    first.goto(f"{site.address}/holds")
    first.get_by_role("radio", name="A rule that raises wrong alerts").check()
    first.get_by_role("textbox", name="For how many hours").fill("3")
    first.get_by_role("textbox", name="Why now").fill("The zone of the school is drawn wrong")
    first.get_by_role("checkbox", name="P-ZONE-DIST").check()
    first.get_by_role("button", name="Hold them back").click()
    expect(first.get_by_role("heading", name="Waiting for a second person")).to_be_visible()
    expect(first.get_by_role("button", name="Withdraw it")).to_be_visible()
    expect(first.get_by_role("button", name="Agree: it runs from now")).to_have_count(0)
    expect(first.get_by_text("Nothing is held back.")).to_be_visible()
    sign_in(page, site, "725")
    page.goto(f"{site.address}/board?kind=arrest")
    banner = page.get_by_text("Nobody is told of some alerts of Kent until")
    expect(banner).to_have_count(0)
    second.goto(f"{site.address}/holds")
    second.get_by_role("button", name="Agree: it runs from now").click()
    expect(second.get_by_text("Decided by 723 and 724:")).to_be_visible()
    expect(banner).to_be_visible()
    second.get_by_role("button", name="End it now").click()
    expect(banner).to_have_count(0)


def test_only_a_supervisor_holds_alerts_back_and_what_was_typed_stays(
    site: Site, page: Page
) -> None:
    sign_in(page, site, "731")
    page.goto(f"{site.address}/holds")
    page.get_by_role("radio", name="An exercise").check()
    page.get_by_role("textbox", name="For how many hours").fill("2")
    page.get_by_role("textbox", name="Why now").fill("Exercise Heron")
    page.get_by_role("checkbox", name="P-CONTACT-DIRECT").check()
    page.get_by_role("button", name="Hold them back").click()
    expect(page.get_by_role("alert")).to_contain_text("supervisor")
    expect(page.get_by_role("textbox", name="Why now")).to_have_value("Exercise Heron")
    expect(page.get_by_role("checkbox", name="P-CONTACT-DIRECT")).to_be_checked()


def linked(site: Site, reference: str, staff: str) -> None:
    told = {"reference": reference, "staff": staff, "as": "conflict"}
    assert Caller(site, "790", role="supervisor").post("/access/linked", None, **told).ok


def test_who_is_in_the_case_takes_none_of_its_alerts_at_the_change_of_shifts(site: Site) -> None:
    alert = alert_of(site, "KENT-LINKED-1")
    linked(site, "KENT-LINKED-1", "742")
    leaver = Caller(site, "741")
    leaver.post(f"/alerts/{alert}/acknowledge")
    shift = leaver.post("/shift/prepare").headers["location"]
    assert Caller(site, "742").post(f"{shift}/accept/{alert}").status_code == 404
    assert Caller(site, "743").post(f"{shift}/accept/{alert}").status_code == 303
    (case,) = site.store_rows("KENT-LINKED-1")
    assert case.ownership.staff == "743"


def test_an_order_that_is_not_theirs_to_hold_back_is_answered_as_none(site: Site) -> None:
    site.order("KENT-LINKED-2")
    site.order("SUSSEX-HOLD-2", force="Sussex")
    linked(site, "KENT-LINKED-2", "752")
    told = {"kind": "exercise", "hours": "2", "reason": "Heron", "conditions": "P-CONTACT-DIRECT"}
    chief = Caller(site, "752", role="supervisor")
    answers = [
        chief.post("/holds", None, **told, order=each).text.replace(each, "ORDER")
        for each in ("KENT-NONE-2", "SUSSEX-HOLD-2", "KENT-LINKED-2")
    ]
    assert "No order with that reference is on the register" in answers[0]
    assert answers[0] == answers[1] == answers[2]
    other = Caller(site, "753", role="supervisor")
    assert other.post("/holds", None, **told, order="KENT-LINKED-2").status_code == 303
