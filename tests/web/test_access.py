import pytest
import requests

from domain.consultations import RecordConsulted
from domain.desk.events import AlertAcknowledged
from domain.dossier import order_id
from tests.program import PATIENCE
from tests.web.site import Caller, Site


@pytest.fixture(scope="module")
def alert(site: Site) -> str:
    site.order("KENT-ROLE-1")
    site.breach("KENT-ROLE-1")
    return str(site.alert("KENT-ROLE-1"))


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("court_liaison", "/orders/KENT-ROLE-1", 200),
        ("court_liaison", "/alerts/{alert}", 403),
        ("court_liaison", "/board", 403),
        ("reviewer", "/orders/KENT-ROLE-1", 200),
        ("reviewer", "/alerts/{alert}", 404),
        ("ops", "/orders/KENT-ROLE-1", 403),
        ("ops", "/alerts/{alert}", 403),
        ("victim_liaison", "/alerts/{alert}", 200),
    ],
)
def test_a_role_opens_what_the_table_opens_to_it(
    site: Site, alert: str, role: str, path: str, status: int
) -> None:
    before = len(site.recorded(RecordConsulted.TOPIC))
    caller = Caller(site, "31", role=role)
    answer = caller.get(path.format(alert=alert))
    assert answer.status_code == status
    assert ("Alan Example" in answer.text) == (status == 200)
    assert len(site.recorded(RecordConsulted.TOPIC)) == before + (status == 200)


def test_who_is_not_at_a_desk_takes_no_step(site: Site, alert: str) -> None:
    for role in ("court_liaison", "reviewer", "ops"):
        caller = Caller(site, "32", role=role)
        assert caller.post(f"/alerts/{alert}/acknowledge").status_code == 403
        assert caller.post("/board/painted", alert=alert).status_code == 403
    assert alert not in {str(each) for each in site.recorded(AlertAcknowledged.TOPIC)}


@pytest.mark.parametrize("purpose", ["managing", "reviewing"])
def test_nobody_reads_by_another_offices_purpose(site: Site, alert: str, purpose: str) -> None:
    caller = Caller(site, "33", role="operator")
    told = {"X-Purpose": purpose, "X-CSRF-Token": caller.csrf}
    answer = caller.get(f"/api/v1/alerts/{alert}/briefing", **told)
    assert answer.status_code == 404
    assert "Example" not in answer.text


def test_that_nothing_was_stated_is_no_purpose_one_can_state(site: Site, alert: str) -> None:
    caller = Caller(site, "34", role="operator")
    read = f"/api/v1/alerts/{alert}/briefing"
    told = {"X-CSRF-Token": caller.csrf}
    assert caller.get(read, **told, **{"X-Purpose": "not_stated"}).status_code == 422
    assert "not_stated" not in caller.get(read, **told).text
    assert caller.get(read, **told, **{"X-Purpose": "responding"}).status_code == 200


def test_an_alert_of_another_force_and_none_at_all_answer_word_for_word_alike(site: Site) -> None:
    site.order("SUSSEX-ALIKE-1", force="Sussex")
    site.breach("SUSSEX-ALIKE-1")
    there, nowhere = site.alert("SUSSEX-ALIKE-1"), "6f2c0b1e-9d53-5c0a-8a57-3a1f0d8a4f11"
    guessing = Caller(site, "35", role="spoc")
    for path in ("/alerts/{}", "/api/v1/alerts/{}", "/alerts/{}/stream"):
        one, other = (guessing.get(path.format(each)) for each in (there, nowhere))
        assert (one.status_code, one.text) == (other.status_code, other.text)
        assert one.headers.keys() == other.headers.keys()


def test_an_order_of_another_force_and_none_at_all_answer_word_for_word_alike(site: Site) -> None:
    site.order("SUSSEX-ALIKE-2", force="Sussex")
    guessing, told = Caller(site, "36", role="spoc"), {"X-Purpose": "investigating"}
    for path in ("/orders/{}", "/api/v1/orders/{}", "/api/v1/orders/{}/history"):
        one, other = (
            guessing.get(path.format(each), **told) for each in ("SUSSEX-ALIKE-2", "SUSSEX-NONE-2")
        )
        assert (one.status_code, one.text) == (other.status_code, other.text)
        assert guessing.get(path.format(order_id("SUSSEX-ALIKE-2")), **told).text == one.text
    sent = {"Authorization": f"Bearer {guessing.token}"}
    posts = [
        requests.post(
            f"{site.address}/api/v1/orders/{each}/serve", json={}, headers=sent, timeout=PATIENCE
        )
        for each in ("SUSSEX-ALIKE-2", "SUSSEX-NONE-2")
    ]
    assert posts[0].status_code == posts[1].status_code == 404
    assert posts[0].text == posts[1].text
    assert posts[0].headers.keys() == posts[1].headers.keys()


def test_acknowledging_an_alert_of_another_force_is_as_if_there_were_none(site: Site) -> None:
    site.order("SUSSEX-ROLE-1", force="Sussex")
    site.breach("SUSSEX-ROLE-1")
    there = site.alert("SUSSEX-ROLE-1")
    caller = Caller(site, "34")
    nowhere = "6f2c0b1e-9d53-5c0a-8a57-3a1f0d8a4f11"
    answers = [caller.post(f"/alerts/{each}/acknowledge") for each in (there, nowhere)]
    assert [each.status_code for each in answers] == [404, 404]
    assert there not in site.recorded(AlertAcknowledged.TOPIC)
