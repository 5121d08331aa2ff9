"""Somebody of another force, who may see no board but their own: at every door, on the streams, in the reviews."""

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from html import unescape
from time import monotonic, sleep
from uuid import UUID, uuid4

import pytest
import requests

from domain.access import Asked, Relation, Role, State
from domain.access_table import allowed
from tests.program import PATIENCE
from tests.stories import tell
from tests.web.site import TERM, Caller, Site, breach_now
from web.access import Person
from web.doors import DOORS
from web.sessions import Sessions

WHY = "Her sister rang 999 and he is at the door"


class Officer(Caller):
    """Signed in as a force's own provider says: without the sight of every force a demonstration gives."""

    def __init__(self, site: Site, staff: str, force: str, role: str = "supervisor") -> None:
        self.site = site
        now = datetime.now(UTC)
        with closing(Sessions(site.directory / "sessions.db", lambda: now)) as kept:
            session = kept.begin(Person(staff, Role(role), force, "desk-1"), proved=now)
        self.token, self.csrf = session.token, session.csrf
        self.cookie = f"__Host-spowatch={session.token}"


@pytest.fixture(scope="module")
def alert(site: Site) -> UUID:
    site.order("KENT-FAR-1")
    site.order("SUSSEX-FAR-1", force="Sussex")
    site.breach("KENT-FAR-1")
    return site.alert("KENT-FAR-1")


DOORS_OF_A_RECORD = [
    each for each in DOORS if ("{alert}" in each or "{reference:path}" in each) and "/shift" not in each
]  # fmt: skip


@pytest.mark.parametrize("role", ["supervisor", "spoc", "reviewer"])
def test_no_door_opens_on_another_forces_record(site: Site, alert: UUID, role: str) -> None:
    """What the table lets any force put on record, as a breach, tells nothing of what is on record."""
    stranger, opened = Officer(site, "4812", "Sussex", role), []
    told = {"Cookie": stranger.cookie, "X-CSRF-Token": stranger.csrf, "X-Purpose": "investigating"}
    for door in DOORS_OF_A_RECORD:
        method, _, path = door.partition(" ")
        named = {"{alert}": alert, "{reference:path}": "KENT-FAR-1", "{event}": uuid4(),
                 "{step}": "grade", "{command}": "serve"}  # fmt: skip
        for name, value in named.items():
            path = path.replace(name, str(value))
        given = {"csrf": stranger.csrf} if "/api/" not in path else None
        answer = requests.request(
            method,
            site.address + path,
            headers=told,
            data=given,
            timeout=PATIENCE,
            allow_redirects=False,
        )
        assert "Example" not in answer.text, door
        if answer.status_code < 400:
            opened.append(door)
    asked = [Asked(Role(role), DOORS[each], Relation.OTHER, State.LIVE) for each in opened]
    assert not [each for each in asked if not allowed(each)]


@contextmanager
def listening(caller: Caller, path: str) -> Iterator[requests.Response]:
    told = {"Cookie": caller.cookie, "Accept": "text/event-stream"}
    with requests.get(
        caller.site.address + path, headers=told, stream=True, timeout=PATIENCE
    ) as answer:
        yield answer


def lines(answer: requests.Response, until: str) -> list[str]:
    """Everything told up to that; a stream is never silent, so the patience ends by the clock."""
    found, deadline = [], monotonic() + PATIENCE
    for line in answer.iter_lines(decode_unicode=True):
        found.append(line)
        if until in line:
            return found
        assert monotonic() < deadline, f"{until} never came"
    return found


def test_the_programs_stream_tells_of_ones_own_force_alone(site: Site, alert: UUID) -> None:
    path = "/api/v1/alerts/stream?after=0"
    with listening(Officer(site, "4812", "Sussex"), path) as here:
        site.breach("KENT-FAR-1")
        site.breach("SUSSEX-FAR-1")
        told = lines(here, str(site.alert("SUSSEX-FAR-1")))
    assert not [each for each in told if "KENT-FAR-1" in each or str(alert) in each]


@pytest.mark.parametrize("stream", ["/api/v1/alerts/stream", "/alerts/stream", "/board/stream"])
def test_a_number_that_is_none_is_no_position(site: Site, stream: str) -> None:
    officer = Officer(site, "4812", "Kent")
    for said in ("²", "9" * 5000, "-1", "x"):
        told: dict[str, str | bytes] = {"Cookie": officer.cookie, "Last-Event-ID": said.encode()}
        with requests.get(
            site.address + stream, headers=told, stream=True, timeout=PATIENCE
        ) as answer:
            assert answer.status_code == 200


def test_an_alert_that_closes_is_told_by_its_id(site: Site) -> None:
    site.order("KENT-FAR-2")
    site.breach("KENT-FAR-2")
    mine, alert = Officer(site, "4812", "Kent"), site.alert("KENT-FAR-2")
    with listening(mine, "/api/v1/alerts/stream") as here:
        Officer(site, "77", "Sussex").post("/break-glass", reference="KENT-FAR-2", reason=WHY)
        glass = site.store_rows("KENT-FAR-2")[-1].id
        Officer(site, "5", "Kent", "reviewer").post(
            "/access/reviews", reference="KENT-FAR-2", glass="1", justified="yes"
        )
        told = lines(here, f'"id":"{glass}","open":false')
    assert glass != alert
    assert told


def test_nobody_goes_on_with_the_stream_of_a_page_that_another_opened(
    site: Site, alert: UUID
) -> None:
    """The browser comes back for it by itself, with the cookie of whoever signed in there meanwhile."""
    before, now = Officer(site, "4812", "Kent"), Officer(site, "22", "Sussex")
    before.board_with(alert)
    for path in ("/board", f"/alerts/{alert}"):
        (stream,) = re.findall(r'data-stream="([^"]+)"', before.get(path).text)
        for caller, status in ((before, 200), (now, 401)):
            with listening(caller, unescape(stream)) as here:
                assert here.status_code == status


def test_who_may_read_an_alert_is_told_on_its_page_of_what_is_done_on_it(site: Site) -> None:
    site.order("KENT-FAR-9")
    site.breach("KENT-FAR-9")
    breach = site.alert("KENT-FAR-9")
    tell(site.store, "NOBODYS-FAR-1", breach_now("i-far"), now=datetime.now(UTC))
    through_glass, essex = Officer(site, "78", "Sussex"), Officer(site, "79", "Essex")
    kent = Officer(site, "801", "Kent")
    through_glass.post("/break-glass", reference="KENT-FAR-9", reason=WHY)
    for caller, alert in ((through_glass, breach), (essex, site.alert("NOBODYS-FAR-1"))):
        kent.board_with(alert)
        page = caller.get(f"/alerts/{alert}").text
        (stream,) = re.findall(r'data-stream="([^"]+)"', page)
        with listening(caller, unescape(stream)) as here:
            assert kent.post("/board/painted", alert=str(alert)).status_code == 204
            assert kent.post(f"/alerts/{alert}/acknowledge").status_code == 303
            version = site.store.register.alert(alert).version
            told = lines(here, f'"version":{version}')
        assert _versions(told, alert)[-1] == version


def _versions(told: list[str], alert: UUID) -> list[int]:
    """Of each change that was told of that alert, in their order."""
    said = [json.loads(each.removeprefix("data: ")) for each in told if f'"id":"{alert}"' in each]
    return [each["version"] for each in said]


def test_an_alert_is_held_back_by_nobody_the_case_is_closed_to(site: Site, alert: UUID) -> None:
    asked = {"kind": "exercise", "hours": "2", "reason": "With us", "conditions": TERM}
    chief, linked = Officer(site, "900", "Kent"), Officer(site, "901", "Kent")
    far = Officer(site, "902", "Sussex")
    said = {"reference": "KENT-FAR-1", "staff": "901", "as": "protected"}
    assert chief.post("/access/linked", None, **said).status_code == 200
    answers = [far.post("/holds", None, order="KENT-FAR-1", **asked)]
    answers += [each.post("/holds", None, order="KENT-NONE-1", **asked) for each in (far, linked)]
    answers += [linked.post("/holds", None, order="KENT-FAR-1", **asked)]
    assert [each.status_code for each in answers] == [409] * 4
    shown = {each.text.replace("KENT-FAR-1", "").replace("KENT-NONE-1", "") for each in answers[:2]}
    assert len({_without(each, far) for each in shown}) == 1
    assert linked.post("/holds", None, **asked | {"hours": "²"}).status_code == 422
    chief.post("/access/linked", None, **said | {"as": "none"})


def _without(text: str, caller: Caller) -> str:
    return text.replace(caller.csrf, "")


def test_a_shift_hands_nothing_to_whom_the_case_is_closed(site: Site) -> None:
    site.order("KENT-FAR-3")
    site.breach("KENT-FAR-3")
    alert, chief = site.alert("KENT-FAR-3"), Officer(site, "910", "Kent")
    leaving, linked = Officer(site, "911", "Kent"), Officer(site, "912", "Kent")
    assert leaving.post(f"/alerts/{alert}/acknowledge").status_code == 303
    handover = leaving.post("/shift/prepare").headers["location"]
    said = {"reference": "KENT-FAR-3", "staff": "912", "as": "subject"}
    chief.post("/access/linked", None, **said)
    assert linked.post(f"{handover}/accept/{alert}").status_code == 404
    assert Officer(site, "912", "Sussex").post(f"{handover}/sign").status_code == 404
    assert chief.post(f"{handover}/accept/{alert}").status_code == 303
    assert Officer(site, "912", "Sussex").post(f"{handover}/sign").status_code == 404


def test_glass_opens_to_one_person_of_one_force(site: Site) -> None:
    site.order("KENT-FAR-4")
    here, namesake = Officer(site, "77", "Sussex"), Officer(site, "77", "Essex")
    here.post("/break-glass", reference="KENT-FAR-4", reason=WHY)
    assert here.get("/orders/KENT-FAR-4").status_code == 200
    assert namesake.get("/orders/KENT-FAR-4").status_code == 404


def test_a_case_is_closed_to_one_person_of_one_force(site: Site) -> None:
    site.order("KENT-FAR-5")
    chief, said = Officer(site, "900", "Kent"), {"reference": "KENT-FAR-5", "staff": "4999"}
    chief.post("/access/linked", None, **said, force="Essex", **{"as": "conflict"})
    assert Officer(site, "4999", "Kent").get("/orders/KENT-FAR-5").status_code == 200
    wrong = chief.post("/access/linked", None, **said, force="Esssex", **{"as": "conflict"})
    assert wrong.status_code == 422


def test_a_reviewer_sees_who_read_their_forces_orders_from_outside(site: Site) -> None:
    site.order("KENT-FAR-6")
    here = Officer(site, "78", "Sussex")
    here.post("/break-glass", reference="KENT-FAR-6", reason=WHY)
    assert here.get("/orders/KENT-FAR-6").status_code == 200
    for force, sees in (("Kent", True), ("Sussex", True), ("Essex", False)):
        reviewer = Officer(site, "500", force, "reviewer")
        assert ("KENT-FAR-6" in reviewer.get("/audit/consultations?who=78").text) is sees
        told = reviewer.get("/api/v1/audit/consultations?limit=500").json()["consultations"]
        assert ("KENT-FAR-6" in {each["order"] for each in told}) is sees


def test_a_reviewers_board_paints_nothing_for_the_record(site: Site) -> None:
    site.order("KENT-FAR-7")
    site.breach("KENT-FAR-7")
    raised = site.alert("KENT-FAR-7")
    alert = str(raised)
    chief, reviewer = Officer(site, "900", "Kent"), Officer(site, "500", "Kent", "reviewer")
    assert alert in _unpainted(chief.board_with(raised))
    assert not _unpainted(reviewer.get("/board").text)
    with listening(reviewer, "/board/stream?after=0") as here:
        assert '"unpainted":true' not in "".join(lines(here, "beat"))
    assert reviewer.post("/board/painted", alert=alert).status_code == 403


def _unpainted(board: str) -> str:
    return board.partition('data-unpainted="')[2].partition('"')[0]


def test_a_reference_in_words_stands_in_no_address(site: Site) -> None:
    site.order("R v Mercer")
    chief = Officer(site, "900", "Kent", "spoc")
    asked = chief.post("/record", reference="R v Mercer").headers["location"]
    glass = Officer(site, "80", "Sussex").post("/break-glass", reference="R v Mercer", reason=WHY)
    assert "Mercer" not in asked
    assert "Mercer" not in glass.headers["location"]
    assert chief.get(asked).status_code == 200


def test_many_references_of_another_force_hide_none_of_ones_own(site: Site) -> None:
    for number in range(21):
        site.order(f"FAR/{number:02}", force="Sussex")
    site.order("FAR/99")
    asked, until = Officer(site, "4812", "Kent"), monotonic() + PATIENCE
    while "FAR/99" not in (found := asked.post("/people", words="FAR/").text):
        assert monotonic() < until, found
        sleep(0.05)
