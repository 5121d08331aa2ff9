import re
import sqlite3
from contextlib import closing

from playwright.sync_api import Page, expect

from domain.consultations import ConsultationsReviewed, RecordConsulted
from tests.web.site import Caller, Site


def test_a_reviewer_sees_who_read_what_and_that_is_on_record_too(site: Site) -> None:
    site.order("KENT-LOOK-1")
    site.order("SUSSEX-LOOK-1", force="Sussex")
    Caller(site, "41", role="spoc").get("/orders/KENT-LOOK-1")
    Caller(site, "42", "Sussex", role="spoc").get("/orders/SUSSEX-LOOK-1")
    reviewer = Caller(site, "500", role="reviewer")
    before = len(site.recorded(ConsultationsReviewed.TOPIC))
    everything = reviewer.get("/audit/consultations").text
    assert "KENT-LOOK-1" in everything
    assert "SUSSEX-LOOK-1" not in everything
    assert "Example" not in everything
    assert "None was found" in reviewer.get("/audit/consultations?who=nobody").text
    assert "KENT-LOOK-1" in reviewer.get("/audit/consultations?who=41&purpose=investigating").text
    assert len(site.recorded(ConsultationsReviewed.TOPIC)) == before + 3
    for role in ("supervisor", "operator", "ops"):
        assert Caller(site, "43", role=role).get("/audit/consultations").status_code == 403


def test_the_reviewers_page_shows_nothing_that_cannot_be_put_on_record(site: Site) -> None:
    site.order("KENT-LOOK-2")
    reviewer = Caller(site, "500", role="reviewer")
    reviewer.get("/orders/KENT-LOOK-2")
    with site.nobody_can_write():
        answer = reviewer.get("/audit/consultations")
    assert answer.status_code == 503
    assert "KENT-LOOK-2" not in answer.text


def test_a_reading_that_cannot_be_read_hides_no_other(own_site: Site) -> None:
    site = own_site
    readers = ("KENT-SPOILT-1", "KENT-SPOILT-2", "KENT-SPOILT-3")
    for each in readers:
        Caller(site, "45", role="spoc").get(f"/orders/{site.order(each)}")
    _, spoilt, _ = site.recorded(RecordConsulted.TOPIC)
    with closing(sqlite3.connect(site.store.settings.log_path)) as log, log:
        log.execute("UPDATE events SET state = x'00' WHERE originator_id = ?", (spoilt.bytes,))
    reviewer = Caller(site, "501", role="reviewer")
    page = reviewer.get("/audit/consultations").text
    assert [each in page for each in readers] == [True, False, True]
    first = reviewer.get("/api/v1/audit/consultations?limit=1").json()
    rest = reviewer.get(f"/api/v1/audit/consultations?after={first['next']}").json()
    told = [each["order"] for each in first["consultations"] + rest["consultations"]]
    assert told == ["KENT-SPOILT-1", "KENT-SPOILT-3"]


def test_every_reading_is_one_consultation_whichever_way_it_was_read(site: Site) -> None:
    site.order("KENT-LOOK-3")
    site.breach("KENT-LOOK-3")
    alert, reader = site.alert("KENT-LOOK-3"), Caller(site, "44", role="spoc")
    told = {"X-Purpose": "investigating"}
    before = len(site.recorded(RecordConsulted.TOPIC))
    for _ in range(20):
        assert reader.get("/orders/KENT-LOOK-3").status_code == 200
        assert reader.get(f"/alerts/{alert}").status_code == 200
        assert reader.get(f"/api/v1/alerts/{alert}/briefing", **told).status_code == 200
        assert reader.get("/api/v1/orders/KENT-LOOK-3", **told).status_code == 200
    assert len(site.recorded(RecordConsulted.TOPIC)) == before + 80


def test_the_pages_of_access_have_no_barriers(site: Site, page: Page, axe_source: str) -> None:
    page.goto(f"{site.address}/sign-in")
    page.get_by_label("On duty as").select_option("reviewer")
    page.get_by_label("Force").select_option("Kent")
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(re.compile("/sign-in"))
    for path in ("/you", "/audit/consultations", "/access/reviews", "/access/linked"):
        page.goto(site.address + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.evaluate(axe_source)
        found = page.evaluate("axe.run()")
        assert not found["violations"], [each["id"] for each in found["violations"]]
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.set_viewport_size({"width": 1280, "height": 800})
