"""The order's page: what an officer needs to know, on record before it is shown, now and as it was."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest

from domain.calendar import LONDON
from domain.consultations import RecordConsulted
from domain.dossier import order_id
from tests.web.reading.conftest import ago, told, up_to_date
from tests.web.site import Caller, Fact, Site, order_in_force
from web.addresses import order_path


def in_london(**spell: float) -> str:
    """That long ago, as London's clocks showed it, with their offset: one night a year an hour comes twice."""
    there = (datetime.now(UTC) - timedelta(**spell)).astimezone(LONDON)
    return quote(there.isoformat(timespec="minutes"))


def test_an_order_shows_its_terms_its_service_and_its_duties(reader: Caller) -> None:
    page = reader.get("/orders/KENT-2026-1").text
    for told_of in (
        "Alan Example", "Full order", "Not to contact Vera Sample by any means.", "Served",
        "First notification", "Overdue", "Version 1", "/help/notification",
    ):  # fmt: skip
        assert told_of in page


def test_what_is_so_beside_the_milestone_is_said_in_words(reader: Caller) -> None:
    page = reader.get("/orders/KENT-2026-5").text
    assert "1 breach on record" in page
    assert "breached(" not in page


def test_a_page_leads_nobody_where_their_role_may_not_go(
    force_at_work: Site, reader: Caller
) -> None:
    operator = Caller(force_at_work, "5", "Kent", "operator")
    page = operator.get("/orders/KENT-2026-1").text
    assert 'href="/caseload"' not in page
    assert 'href="/caseload"' in reader.get("/orders/KENT-2026-1").text


def test_that_it_was_read_is_on_record_and_without_that_nothing_is_shown(
    force_at_work: Site, reader: Caller
) -> None:
    before = len(force_at_work.recorded(RecordConsulted.TOPIC))
    assert reader.get("/orders/KENT-2026-1").status_code == 200
    assert len(force_at_work.recorded(RecordConsulted.TOPIC)) == before + 1
    with force_at_work.nobody_can_write():
        answer = reader.get("/orders/KENT-2026-1")
    assert answer.status_code == 503
    assert "Example" not in answer.text


def test_an_order_as_it_was_and_as_it_was_known(reader: Caller) -> None:
    before_service = in_london(days=20, minutes=-30)
    page = reader.get(f"/orders/KENT-2026-1?at={before_service}").text
    assert "This is the past." in page
    assert "Not served" in page
    assert "None has arisen." in page
    unknown = reader.get(f"/orders/KENT-2026-1?known={in_london(days=300)}").text
    assert "Nothing was known of this order at that moment." in unknown
    assert "Vera Sample" not in unknown


@pytest.mark.parametrize(
    "moment", ["rubbish", "2999-01-01T00:00", "1066-10-14T09:00", "2026-13-01"]
)
def test_a_moment_that_cannot_be_shown_is_refused_with_what_to_do(
    reader: Caller, moment: str
) -> None:
    answer = reader.get(f"/orders/KENT-2026-1?at={moment}")
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert 'href="#at"' in answer.text


def test_an_order_of_another_force_and_one_nobody_knows_answer_alike(reader: Caller) -> None:
    for path in ("/orders/ESSEX-2026-1", "/orders/KENT-9999-1", f"/orders/{uuid4()}"):
        answer = reader.get(path)
        assert answer.status_code == 404
        assert "Owen" not in answer.text


def test_a_reference_in_words_stays_out_of_addresses(force_at_work: Site, reader: Caller) -> None:
    told(force_at_work, "R v Mercer 12", *order_in_force())
    address = f"/orders/{order_id('R v Mercer 12')}"
    assert order_path("R v Mercer 12", order_id("R v Mercer 12")) == address
    assert order_path("KENT/2026/1", uuid4()) == "/orders/KENT/2026/1"
    page = reader.get(address).text
    assert "Order R v Mercer 12" in page
    assert 'href="/orders/R' not in page
    assert 'action="/orders/R' not in page


def test_a_script_in_every_word_is_text(force_at_work: Site, reader: Caller) -> None:
    script = "<script>alert(1)</script>"
    facts = up_to_date()
    facts[0]["data"] |= {
        "defendant": {"name": script, "aliases": [script]},
        "protected": [{"name": script, "safe_contact": script}],
    }
    facts[1]["data"]["conditions"][0]["wording"] = script
    told(force_at_work, "KENT-2026-66", *facts)
    force_at_work.breach("KENT-2026-66", narrative=script, place=script)
    page = reader.get("/orders/KENT-2026-66").text
    assert script not in page
    assert page.count("&lt;script&gt;") >= 3


def test_an_order_whose_history_is_long_shows_the_newest_and_offers_the_rest(
    force_at_work: Site, reader: Caller
) -> None:
    told(force_at_work, "KENT-2026-67", *order_in_force())
    visits: list[Fact] = [
        {"t": ago(days=9, minutes=-n), "type": "AddressVisit", "data": {"result": "no_reply"}}
        for n in range(210)
    ]
    told(force_at_work, "KENT-2026-67", *visits)
    page = reader.get("/orders/KENT-2026-67").text
    assert page.count("moj-timeline__item") == 200
    assert "earlier entries" in page
    whole = reader.get("/orders/KENT-2026-67?whole=yes").text
    assert whole.count("moj-timeline__item") > 210
