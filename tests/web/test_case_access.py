"""Officers in a case see nothing of it; broken glass opens one record for reading, and its owners know."""

import pytest
import requests

from domain.alerts import AlertCode
from domain.case_access import GlassBroken, GlassReviewed
from domain.consultations import RecordConsulted
from tests.program import PATIENCE
from tests.web.site import Caller, Site

WHY = "Her sister rang 999 and he is at the door"


@pytest.fixture(scope="module")
def alert(site: Site) -> str:
    site.order("KENT-GLASS-1")
    site.breach("KENT-GLASS-1")
    return str(site.alert("KENT-GLASS-1"))


def test_an_officer_who_is_in_the_case_sees_nothing_of_it(site: Site, alert: str) -> None:
    paths = ("/orders/KENT-GLASS-1", f"/alerts/{alert}", f"/api/v1/alerts/{alert}")
    officer, chief = Caller(site, "4999", role="spoc"), Caller(site, "900", role="supervisor")
    assert [officer.get(path).status_code for path in paths] == [200, 200, 200]
    given = {"reference": "KENT-GLASS-1", "staff": "4999"}
    assert officer.post("/access/linked", None, **given, **{"as": "none"}).status_code == 403
    assert chief.post("/access/linked", None, **given, **{"as": "friend"}).status_code == 422
    assert chief.post("/access/linked", None, **given, **{"as": "protected"}).status_code == 200
    answers = [officer.get(path) for path in paths]
    assert [each.status_code for each in answers] == [404, 404, 404]
    assert not [each for each in answers if "Example" in each.text]
    for path in (f"/alerts/{alert}/acknowledge", f"/alerts/{alert}/grade"):
        assert officer.post(path, priority="1", reason="x").status_code == 404
    asked = {"reference": "KENT-GLASS-1", "reason": WHY}
    assert officer.post("/break-glass", None, **asked).status_code == 404
    assert chief.post("/access/linked", None, **given, **{"as": "none"}).status_code == 200
    assert officer.get(paths[0]).status_code == 200


def test_broken_glass_opens_one_record_for_reading(site: Site, alert: str) -> None:
    stranger, path = Caller(site, "77", "Sussex"), f"/alerts/{alert}"
    assert stranger.get("/orders/KENT-GLASS-1").status_code == 404
    short = stranger.post("/break-glass", reference="KENT-GLASS-1", reason="urgent")
    assert short.status_code == 422
    assert "urgent" in short.text
    assert not site.recorded(GlassBroken.TOPIC)
    answer = stranger.post("/break-glass", reference="KENT-GLASS-1", reason=WHY)
    assert answer.headers["location"] == "/orders/KENT-GLASS-1"
    assert "Alan Example" in stranger.get("/orders/KENT-GLASS-1").text
    assert stranger.get(path).status_code == 200
    assert stranger.post(f"{path}/acknowledge").status_code == 404
    assert Caller(site, "78", "Sussex").get(path).status_code == 404


def test_its_owners_are_told_at_once_and_judge_it(site: Site) -> None:
    site.order("KENT-GLASS-2")
    stranger, reviewer = Caller(site, "79", "Sussex"), Caller(site, "500", role="reviewer")
    stranger.post("/break-glass", reference="KENT-GLASS-2", reason=WHY)
    (notice,) = site.store_rows("KENT-GLASS-2")
    assert notice.raised is not None
    assert (notice.raised.code, notice.force, notice.open) == (AlertCode.GLASS_BROKEN, "Kent", True)
    assert reviewer.get(f"/alerts/{notice.id}").headers["location"] == "/access/reviews"
    assert WHY in reviewer.get("/access/reviews").text
    assert WHY not in Caller(site, "501", "Sussex", role="reviewer").get("/access/reviews").text
    glass = {"reference": "KENT-GLASS-2", "glass": "1", "justified": "yes", "comment": "Right."}
    assert stranger.post("/access/reviews", None, **glass).status_code == 403
    assert reviewer.post("/access/reviews", None, **glass).status_code == 303
    assert reviewer.post("/access/reviews", None, **glass).status_code == 303
    assert len(site.recorded(GlassReviewed.TOPIC)) == 1
    assert not [each for each in site.store_rows("KENT-GLASS-2") if each.open]
    assert "Judged right." in reviewer.get("/access/reviews").text


def test_glass_over_nothing_and_glass_over_what_is_closed_answer_alike(site: Site) -> None:
    stranger = Caller(site, "77", "Sussex")
    assert stranger.post("/break-glass", reference="KENT-NONE-1", reason=WHY).status_code == 404


def test_no_export_and_no_list_through_broken_glass(site: Site) -> None:
    stranger = Caller(site, "77", "Sussex")
    looked = site.recorded(RecordConsulted.TOPIC)
    told = requests.get(f"{site.address}/api/v1/orders/KENT-GLASS-1", timeout=PATIENCE,
                        headers={"Cookie": stranger.cookie, "X-Purpose": "managing"})  # fmt: skip
    assert told.status_code == 404
    assert len(site.recorded(RecordConsulted.TOPIC)) == len(looked)
