import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from time import monotonic

import pytest
import requests

from domain.alerts import AlertCode
from domain.calendar import LONDON
from domain.consultations import RecordConsulted
from domain.orders import StalkingProtectionOrder
from tests.program import PATIENCE
from tests.web.site import TERM, Caller, Site

SCRIPT = "<script>alert(1)</script>"
Given = Mapping[str, str]


@pytest.fixture(scope="module")
def caller(site: Site) -> Caller:
    return Caller(site, role="spoc")


def at(name: str, **ago: float) -> dict[str, str]:
    """A time question, answered with a moment so long ago; one night a year a clock alone does not say when."""
    local = (datetime.now(UTC) - timedelta(**ago)).astimezone(LONDON)
    parts = {"day": local.day, "month": local.month, "year": local.year}
    clock = {f"{name}-clock": f"{local:%H:%M %Z}"}
    return {f"{name}-{part}": str(value) for part, value in parts.items()} | clock


def send(caller: Caller, reference: str, command: str, go: str, **given: str) -> requests.Response:
    return caller.post(f"/orders/{reference}/record/{command}", None, go=go, **given)


def hidden(answer: requests.Response) -> dict[str, str]:
    """What the check page sends on."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text)
    return {name: unescape(value) for name, value in found if name != "csrf"}


def record(caller: Caller, reference: str, command: str, **given: str) -> requests.Response:
    """Through the check page, as a person goes."""
    checked = send(caller, reference, command, "check", **given)
    assert "Check your answers" in checked.text, checked.text
    return send(caller, reference, command, "record", **hidden(checked))


def order_of(site: Site, reference: str) -> StalkingProtectionOrder:
    return site.store.register.order(reference)


def entered(caller: Caller, reference: str) -> requests.Response:
    """An order from its application to the first notification; where the last of them led to."""
    steps: list[tuple[str, Given]] = [
        ("apply", at("t", days=40) | {"applicant": "chief_officer", "force": "Kent", "nexus": "resides", "defendant_name": "Alan Example", "protected-0-name": "Vera Sample", "acts-0-place": "The gate"}),
        ("grant-full", at("t", days=20) | {"until": "further_order", "defendant_present": "no", "conditions-count": "2", "conditions-0-code": TERM, "conditions-0-wording": f"Not to contact Vera {SCRIPT}"}),
        ("serve", at("t", days=19) | {"order_kind": "full", "method": "in_person"}),
        ("receive-notification", at("t", days=18) | {"by": "defendant", "method": "in_person_oral", "station_area": "home_address_area", "names": "Alan Example", "home_address": "1 High Street, Chatham", "home_kind": "residence", "acknowledgement_issued": "yes"}),
    ]  # fmt: skip
    done = [record(caller, reference, command, **given) for command, given in steps]
    assert [each.status_code for each in done] == [303] * len(steps)
    return done[-1]


def test_an_order_is_entered_up_to_the_receipt_of_its_notification(
    site: Site, caller: Caller
) -> None:
    found = caller.post("/record", reference="KENT-FORM-1")
    assert found.headers["location"] == "/orders/KENT-FORM-1/record"
    tasks = caller.get(found.headers["location"]).text
    assert "record/apply" in tasks
    assert "record/serve" not in tasks
    receipt = caller.get(entered(caller, "KENT-FORM-1").headers["location"]).text
    for words in ("Acknowledgement", "section 10(4)", "1 High Street", "Alan Example"):
        assert words in receipt
    facts = order_of(site, "KENT-FORM-1").facts
    assert [type(each.event).__name__ for each in facts] == [
        "ApplicationMade",
        "FullOrderGranted",
        "OrderServed",
        "NotificationReceived",
    ]
    service = facts[2].envelope
    assert service.recorded_at - service.occurred_at > timedelta(days=18)
    assert service.actor == "4812"


def test_a_breach_is_reported_of_a_term_in_force_then_and_says_which_alert_it_raised(
    site: Site, caller: Caller
) -> None:
    entered(caller, "KENT-FORM-9")
    act = at("occurred_at", hours=1)
    asked = send(caller, "KENT-FORM-9", "report-breach", "when", **act).text
    assert f'value="{TERM}"' in asked
    assert "P-ZONE-DIST" not in asked
    assert SCRIPT not in asked
    assert "&lt;script&gt;" in asked
    told = record(caller, "KENT-FORM-9", "report-breach", **act, **at("t", minutes=0), condition=TERM, source="victim", narrative=f"He called \u202a07700 900123\u202c\x0b {SCRIPT}", markers="weapons")  # fmt: skip
    assert told.status_code == 303, told.text
    raised: list[str] = []
    page, deadline = "", monotonic() + PATIENCE
    while not raised and monotonic() < deadline:
        page = caller.get(told.headers["location"]).text
        raised = re.findall(r"Raised [A-Z]", page)
    assert raised
    assert SCRIPT not in page
    [alert] = set(re.findall(r"/alerts/([0-9a-f-]{36})", page))
    case = next(each for each in site.store_rows("KENT-FORM-9") if str(each.id) == alert)
    assert case.raised is not None
    assert case.raised.code is AlertCode.BREACH_ARREST


def test_what_is_not_lawful_is_stopped_with_its_section_before_it_is_recorded(
    site: Site, caller: Caller
) -> None:
    site.order("KENT-FORM-2")
    version = order_of(site, "KENT-FORM-2").version
    given = at("t", hours=1) | {"applicant": "victim", "until": "further_order"}
    refused = send(caller, "KENT-FORM-2", "renew", "check", **given)
    assert refused.status_code == 409
    assert "S4_APPLICANT_NOT_ELIGIBLE" in refused.text
    assert "s.4(1)" in refused.text
    assert 'value="victim" checked' in refused.text
    assert order_of(site, "KENT-FORM-2").version == version


def test_a_form_sent_twice_records_once(site: Site, caller: Caller) -> None:
    site.order("KENT-FORM-3")
    checked = send(caller, "KENT-FORM-3", "use-name", "check", **at("t", hours=2), name="Al Other")
    given = hidden(checked)
    first = send(caller, "KENT-FORM-3", "use-name", "record", **given)
    version = order_of(site, "KENT-FORM-3").version
    again = send(caller, "KENT-FORM-3", "use-name", "record", **given)
    assert first.headers["location"] == again.headers["location"]
    assert order_of(site, "KENT-FORM-3").version == version
    other = send(caller, "KENT-FORM-3", "use-name", "record", **given | {"name": "Another"})
    assert other.status_code == 422
    assert "sent before" in other.text
    assert order_of(site, "KENT-FORM-3").version == version


def test_a_notification_by_another_method_is_kept_and_said_not_to_count(
    site: Site, caller: Caller
) -> None:
    site.order("KENT-FORM-4")
    given = at("t", hours=2) | {"by": "defendant", "method": "email", "station_area": "home_address_area", "names": "Alan Example", "home_address": "2 Low Street", "home_kind": "residence"}  # fmt: skip
    checked = send(caller, "KENT-FORM-4", "receive-notification", "check", **given)
    assert checked.status_code == 200
    assert "NOTIFICATION_METHOD_INVALID" in checked.text
    done = send(caller, "KENT-FORM-4", "receive-notification", "record", **hidden(checked))
    page = caller.get(done.headers["location"]).text
    assert "does not count" in page
    assert "NOTIFICATION_METHOD_INVALID" in page
    assert "Acknowledgement" not in page


def test_wrong_answers_are_listed_on_top_and_everything_typed_is_kept(
    site: Site, caller: Caller
) -> None:
    site.order("KENT-FORM-5")
    given = {"t-day": "31", "t-month": "2", "t-year": "2026", "t-clock": "9:00", "evidence": f"PC 77 {SCRIPT}"}  # fmt: skip
    answer = send(caller, "KENT-FORM-5", "serve", "check", **given)
    assert answer.status_code == 422
    summary = answer.text[answer.text.index("There is a problem") :]
    assert 'href="#t-day"' in summary
    assert 'href="#order_kind"' in summary
    assert 'value="31"' in answer.text
    assert SCRIPT not in answer.text
    assert "PC 77 &lt;script&gt;" in answer.text
    future = at("t", days=-2) | {"order_kind": "full", "method": "in_person"}
    assert "not in the future" in send(caller, "KENT-FORM-5", "serve", "check", **future).text
    odd = at("t", days=2) | {"order_kind": "full", "method": "in_person", "evidence": "PC 77\x07"}
    assert 'href="#evidence"' in send(caller, "KENT-FORM-5", "serve", "check", **odd).text


def test_another_term_makes_room_without_a_script(site: Site, caller: Caller) -> None:
    more = send(caller, "KENT-FORM-6", "grant-full", "more-conditions", **{"conditions-0-wording": "Not to call", "conditions-0-locality": "Thanet"})  # fmt: skip
    assert 'name="conditions-1-code"' in more.text
    assert "Not to call" in more.text
    assert 'value="Thanet"' in more.text
    assert more.text.count('<details class="govuk-details govuk-!-margin-top-4" open>') == 1
    assert 'name="conditions-40-code"' not in send(caller, "KENT-FORM-6", "grant-full", "more-conditions", **{"conditions-count": "999"}).text  # fmt: skip


def test_another_force_sees_no_terms_and_reports_its_breach_all_the_same(
    site: Site, caller: Caller
) -> None:
    site.order("KENT-FORM-7")
    sussex = Caller(site, "78", "Sussex", "spoc")
    read_before = len(site.recorded(RecordConsulted.TOPIC))
    tasks = sussex.get("/orders/KENT-FORM-7/record").text
    assert "record/report-breach" in tasks
    assert "record/discharge" not in tasks
    assert sussex.get("/orders/KENT-FORM-7/record/discharge").status_code == 404
    act = at("occurred_at", hours=1)
    asked = send(sussex, "KENT-FORM-7", "report-breach", "when", **act).text
    assert "Vera" not in asked
    assert "P-ZONE-DIST" in asked
    done = record(sussex, "KENT-FORM-7", "report-breach", **act, **at("t", minutes=0), condition=TERM, source="cctv")  # fmt: skip
    page = sussex.get(done.headers["location"])
    assert page.status_code == 200
    assert "Alan" not in page.text
    assert "Alert " in page.text
    assert len(site.recorded(RecordConsulted.TOPIC)) == read_before
    essex = Caller(site, "79", "Essex")
    assert essex.get(done.headers["location"]).status_code == 404


def test_a_form_that_is_not_ours_records_nothing(site: Site, caller: Caller) -> None:
    site.order("KENT-FORM-8")
    version = order_of(site, "KENT-FORM-8").version
    given = at("t", hours=1) | {"name": "X"}
    path = "/orders/KENT-FORM-8/record/use-name"
    assert caller.post(path, None, csrf="guessed", go="record", **given).status_code == 403
    assert caller.get("/orders/KENT-FORM-8/record/fly").status_code == 404
    assert order_of(site, "KENT-FORM-8").version == version


@pytest.mark.parametrize(
    ("first", "then", "given", "section"),
    [
        ("charge", "charge", {"offence": "s11_initial"}, "s.11(5)"),
        ("charge", "dispose-of-charge", {"offence": "s8", "disposal": "conditional_discharge"}, "s.8(4)"),
    ],
)  # fmt: skip
def test_what_a_criminal_court_cannot_do_is_stopped_with_its_section(
    site: Site, caller: Caller, first: str, then: str, given: Given, section: str
) -> None:
    reference = f"KENT-TRIAL-{then}"
    site.order(reference)
    offence = {"offence": given["offence"]}
    assert record(caller, reference, first, **at("t", hours=2), **offence).status_code == 303
    refused = send(caller, reference, then, "check", **at("t", hours=1), **given)
    assert refused.status_code == 409
    assert section in refused.text


def test_a_manager_lists_an_appointment_under_a_term_and_says_that_it_was_missed(
    site: Site,
) -> None:
    reference = site.order("KENT-MANAGED-1")
    manager = Caller(site, "4711", role="offender_manager")
    listed = (
        at("t", days=3) | at("attend_at", days=1) | {"condition": TERM, "provider": "Probation"}
    )
    assert (
        "Which term requires it?"
        in manager.get(f"/orders/{reference}/record/list-appointment").text
    )
    assert record(manager, reference, "list-appointment", **listed).status_code == 303
    assert record(manager, reference, "miss-appointment", **at("t", days=1), condition=TERM).status_code == 303  # fmt: skip
    assert manager.get(f"/orders/{reference}/record/charge").status_code == 404


def test_a_domestic_abuse_protection_order_stands_on_the_persons_record(
    site: Site, caller: Caller
) -> None:
    reference = site.order("KENT-DAPO-1")
    given = {"until": "further_order", "without_notice": "no", "conditions-0-code": TERM, "conditions-0-wording": "Not to call."}  # fmt: skip
    assert record(caller, reference, "make-dapo", **at("t", hours=1), **given).status_code == 303
    assert "Domestic abuse protection order" in caller.get(f"/orders/{reference}").text


def test_an_order_of_forty_terms_with_every_limit_is_taken(caller: Caller) -> None:
    parts = {"code": TERM, "wording": "Not to.", "metres": "5", "place": "x", "locality": "x", "last_day-day": "1", "last_day-month": "5", "last_day-year": "2099", "exceptions": "x", "overlaps": "x"}  # fmt: skip
    terms = {f"conditions-{number}-{part}": value for number in range(40) for part, value in parts.items()}  # fmt: skip
    given = at("t", days=1) | {"until": "further_order", "conditions-count": "40"} | terms
    answer = send(caller, "KENT-FORM-40", "grant-full", "check", **given)
    assert (answer.status_code, "Check your answers" in answer.text) == (200, True)


def test_an_order_on_a_person_known_already_joins_their_record(site: Site, caller: Caller) -> None:
    given = at("t", days=40) | {"applicant": "chief_officer", "force": "Kent", "nexus": "resides", "defendant_name": "Alan Example", "person": "NICHE-77"}  # fmt: skip
    orders = ("KENT-PERSON-1", "KENT-PERSON-2")
    under = ("No order of your force is on", "Orders of your force on this person: KENT-PERSON-1.")
    for named, (reference, words) in enumerate(zip(orders, under, strict=True)):
        before = len(site.recorded(RecordConsulted.TOPIC))
        assert words in send(caller, reference, "apply", "check", **given).text
        assert len(site.recorded(RecordConsulted.TOPIC)) == before + named
        assert record(caller, reference, "apply", **given).status_code == 303
    one, other = (order_of(site, reference).subject_id for reference in orders)
    assert one == other
    again = caller.get("/orders/KENT-PERSON-1/record/grant-full").text
    assert 'name="person"' not in again
    odd = send(caller, "KENT-PERSON-3", "apply", "check", **given | {"person": "x" * 201})
    assert odd.status_code == 422
    assert 'href="#person"' in odd.text


def test_a_service_of_an_order_made_on_appeal_is_owed_unless_the_person_heard_it(
    site: Site, caller: Caller
) -> None:
    """s.7(4); who heard the order made may break it before it is served."""
    for number, present in enumerate(("yes", "no")):
        reference = f"KENT-APPEAL-{number}"
        steps: list[tuple[str, Given]] = [
            ("apply", at("t", days=40) | {"applicant": "chief_officer", "force": "Kent", "nexus": "resides", "defendant_name": "Alan Example"}),
            ("refuse-application", at("t", days=20)),
            ("lodge-appeal", at("t", days=19) | {"by": "chief_officer_applied", "against": "refusal_full"}),
            ("allow-appeal", at("t", days=1) | {"effect": "order_made", "until": "further_order", "defendant_present": present, "conditions-0-code": TERM}),
        ]  # fmt: skip
        for command, given in steps:
            assert record(caller, reference, command, **given).status_code == 303, command
        order = order_of(site, reference)
        assert order.known_until is not None
        facets = order.position(order.known_until).facets
        assert ("unserved" in facets) is (present == "no")
