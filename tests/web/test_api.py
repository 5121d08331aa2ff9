import json
from typing import Any

import pytest
import requests

from domain.consultations import RecordConsulted
from domain.desk.events import AlertAcknowledged, AlertTasked
from tests.program import PATIENCE
from tests.web.site import Caller, Site


class Program:
    """A program with a token: no cookie, no form."""

    def __init__(self, site: Site, caller: Caller) -> None:
        self._site = site
        self._token = {"Authorization": f"Bearer {caller.token}"}

    def get(self, path: str, **headers: str) -> requests.Response:
        address = f"{self._site.address}/api/v1{path}"
        return requests.get(address, headers=self._token | headers, timeout=PATIENCE)

    def post(
        self, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> requests.Response:
        address = f"{self._site.address}/api/v1{path}"
        told = self._token | (headers or {})
        return requests.post(address, json=body or {}, headers=told, timeout=PATIENCE)


@pytest.fixture(scope="module")
def program(site: Site) -> Program:
    return Program(site, Caller(site))


def raised(site: Site, reference: str) -> str:
    site.order(reference)
    site.breach(reference)
    return str(site.alert(reference))


def test_a_cursor_goes_through_every_alert_once(site: Site, program: Program) -> None:
    orders = {f"KENT-CURSOR-{number}" for number in range(5)}
    for order in orders:
        raised(site, order)
    seen, after = [], 0
    while True:
        told = program.get(f"/alerts?after={after}&limit=2").json()
        if told["next"] == after:
            break
        seen += [each["order"] for each in told["alerts"]]
        after = told["next"]
    assert sorted(each for each in seen if each in orders) == sorted(orders)
    assert len(seen) == len(site.recorded("spo.alert-raised.v1"))


def test_a_command_asked_twice_under_one_key_is_done_once(site: Site, program: Program) -> None:
    alert = raised(site, "KENT-KEY-1")
    key = {"Idempotency-Key": "k-1"}
    first = program.post(f"/alerts/{alert}/acknowledge", headers=key)
    again = program.post(f"/alerts/{alert}/acknowledge", headers=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    done = [str(each) for each in site.recorded(AlertAcknowledged.TOPIC)]
    assert done.count(alert) == 1
    other = raised(site, "KENT-KEY-2")
    assert program.post(f"/alerts/{other}/acknowledge", headers=key).status_code == 422


def test_a_refusal_is_repeated_under_its_key(site: Site, program: Program) -> None:
    alert = raised(site, "KENT-KEY-3")
    key, unit = {"Idempotency-Key": "k-3"}, {"unit": "KX1", "incident": "7"}
    refused = program.post(f"/alerts/{alert}/task", unit, key)
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "NOT_THE_OWNER"
    program.post(f"/alerts/{alert}/acknowledge")
    assert program.post(f"/alerts/{alert}/task", unit, key).status_code == 409
    assert program.post(f"/alerts/{alert}/task", unit).status_code == 200


def test_a_command_for_another_version_changes_nothing(site: Site, program: Program) -> None:
    alert = raised(site, "KENT-MATCH-1")
    seen = program.get(f"/alerts/{alert}").headers["etag"]
    assert (
        program.post(f"/alerts/{alert}/acknowledge", headers={"If-Match": seen}).status_code == 200
    )
    unit = {"unit": "KX1", "incident": "7"}
    late = program.post(f"/alerts/{alert}/task", unit, {"If-Match": seen})
    assert late.status_code == 412
    assert late.headers["etag"] == program.get(f"/alerts/{alert}").headers["etag"]
    assert alert not in {str(each) for each in site.recorded(AlertTasked.TOPIC)}
    now = {"If-Match": late.headers["etag"]}
    assert program.post(f"/alerts/{alert}/task", unit, now).status_code == 200


def test_personal_data_needs_a_purpose_and_leaves_a_record(site: Site, program: Program) -> None:
    alert = raised(site, "KENT-WHY-1")
    before = len(site.recorded(RecordConsulted.TOPIC))
    for purpose in ({}, {"X-Purpose": "curious"}):
        answer = program.get(f"/alerts/{alert}/briefing", **purpose)
        assert answer.status_code in {422, 428}
        assert "Example" not in answer.text
    assert len(site.recorded(RecordConsulted.TOPIC)) == before
    told = program.get(f"/alerts/{alert}/briefing", **{"X-Purpose": "responding"})
    assert told.json()["subject"]["name"] == "Alan Example"
    assert len(site.recorded(RecordConsulted.TOPIC)) == before + 1
    assert "Example" not in program.get(f"/alerts/{alert}").text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/alerts/12-Victim-Street/acknowledge", {}),
        ("/alerts/{alert}/task", {"unit": ["12 Victim Street"], "incident": "7"}),
        ("/alerts/{alert}/task", {"unit": "KX1", "incident": "7", "12 Victim Street": 1}),
        ("/alerts/{alert}/outcome", {"outcome": "12 Victim Street"}),
        ("/alerts/{alert}/grade", {"priority": "12 Victim Street", "reason": "x" * 3000}),
    ],
)
def test_what_was_sent_is_never_said_back(
    site: Site, program: Program, path: str, body: dict[str, Any]
) -> None:
    alert = site.store_rows("KENT-KEY-1")[0].id if site.store_rows("KENT-KEY-1") else raised(site, "KENT-KEY-1")  # fmt: skip
    answer = program.post(path.format(alert=alert), body)
    assert answer.status_code == 422
    assert "Victim" not in answer.text
    assert answer.json()["errors"]


def test_rubbish_is_answered_as_rubbish(site: Site, program: Program) -> None:
    address = f"{site.address}/api/v1/alerts/6f2c0b1e-9d53-5c0a-8a57-3a1f0d8a4f11/acknowledge"
    token = program._token | {"Content-Type": "application/json"}
    for body in (b"\xff\xfe", b"{", b"[]", b"null", b'{"a":' * 5000, b"1e999", b'"\\ud800"'):
        answer = requests.post(address, data=body, headers=token, timeout=PATIENCE)
        assert answer.status_code in {400, 404, 422}, body[:20]
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_stream_tells_of_a_new_alert_and_goes_on_after_a_break(
    site: Site, program: Program
) -> None:
    after = program.get("/alerts?after=0&limit=500").json()["next"]
    alert = raised(site, "KENT-STREAM-1")
    headers = program._token | {"Last-Event-ID": str(after)}
    address = f"{site.address}/api/v1/alerts/stream"
    with requests.get(address, headers=headers, stream=True, timeout=PATIENCE) as stream:
        told = (json.loads(line[6:]) for line in stream.iter_lines() if line.startswith(b"data: {"))
        assert next(each for each in told if each.get("id") == alert)["order"] == "KENT-STREAM-1"


def test_ready_says_where_the_board_is(site: Site) -> None:
    assert requests.get(f"{site.address}/healthz", timeout=PATIENCE).json() == {"status": "up"}
    assert requests.get(f"{site.address}/readyz", timeout=PATIENCE).json()["status"] == "ready"
