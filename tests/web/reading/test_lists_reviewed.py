"""Reviewers see who read which list and who took one away, beside the readings of records."""

from tests.web.site import Caller, Site


def test_a_list_that_was_read_or_taken_stands_among_the_readings(
    force_at_work: Site, reader: Caller
) -> None:
    taker = Caller(force_at_work, "8841", "Kent", "offender_manager")
    assert taker.get("/caseload").status_code == 200
    assert taker.post("/caseload/file", whose="force").status_code == 200
    reviewer = Caller(force_at_work, "500", "Kent", "reviewer")
    page = reviewer.get("/audit/consultations?who=8841").text
    assert page.count('<td class="govuk-table__cell">8841') == 2
    assert page.count("taken as a file") == 1
    assert "a list of" in page
    assert "Example" not in page
    of_sussex = Caller(force_at_work, "501", "Sussex", "reviewer")
    assert "a list of" not in of_sussex.get("/audit/consultations?who=8841").text
