"""The briefing on paper from the browser: on record first, and nothing released when it cannot be."""

from domain.consultations import RecordConsulted
from tests.web.site import Caller, Site


def test_the_paper_is_put_on_record_and_comes_as_a_pdf(site: Site) -> None:
    site.order("KENT-PAPER-1")
    site.breach("KENT-PAPER-1")
    alert = site.alert("KENT-PAPER-1")
    caller = Caller(site)
    before = len(site.recorded(RecordConsulted.TOPIC))
    answer = caller.get(f"/alerts/{alert}/briefing.pdf")
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert len(site.recorded(RecordConsulted.TOPIC)) == before + 1


def test_another_force_has_no_paper_and_a_reading_that_cannot_be_recorded_none_either(
    site: Site,
) -> None:
    site.order("KENT-PAPER-2")
    site.breach("KENT-PAPER-2")
    alert = site.alert("KENT-PAPER-2")
    caller, other = Caller(site), Caller(site, force="Essex")
    assert other.get(f"/alerts/{alert}/briefing.pdf").status_code == 404
    with site.nobody_can_write():
        answer = caller.get(f"/alerts/{alert}/briefing.pdf")
    assert answer.status_code == 503
    assert b"%PDF" not in answer.content
