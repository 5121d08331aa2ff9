import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any

import pytest
import requests

from domain.alerts import AlertRaised
from domain.command_names import FACT_OF
from domain.consultations import RecordConsulted
from domain.desk.events import EscalationStarted
from domain.dossier import order_id
from domain.events import event_id
from domain.refusals import REFUSALS
from domain.unread import MessageUnread, read_unread
from spowatch.shredding import shred
from spowatch.store.keys import FRESH_FOR
from tests import stories
from tests.program import PATIENCE
from tests.web.callers import ApiProgram
from tests.web.site import TERM, Fact, Site, order_in_force
from web.language import WELSH, _, speaking
from web.speaking import COOKIE

READING = {"X-Purpose": "court_work"}
NARRATIVE = "He stood outside 12 Victim Street"


@pytest.fixture(scope="module")
def program(site: Site) -> ApiProgram:
    return ApiProgram(site)


COMMAND_OF = {fact: command for command, fact in FACT_OF.items()}


def ago(**past: float) -> str:
    return (datetime.now(UTC) - timedelta(**past)).isoformat()


def body_of(fact: Fact) -> dict[str, Any]:
    """The fact as the API takes it: its time and its values."""
    data = fact["data"]
    assert isinstance(data, dict)
    return {"t": fact["t"], **data}


def breach(**values: Any) -> dict[str, Any]:
    act = {
        "t": ago(minutes=1),
        "occurred_at": ago(minutes=9),
        "condition": TERM,
        "source": "victim",
    }
    return act | {"narrative": NARRATIVE} | values


def test_an_order_lives_its_life_over_http_up_to_the_alert(site: Site, program: ApiProgram) -> None:
    path, version = "/orders/KENT-LIFE-1", 0
    for fact in order_in_force():
        done = program.post(f"{path}/{COMMAND_OF[str(fact['type'])]}", body_of(fact))
        assert done.status_code == 201, done.text
        told = done.json()
        assert set(told) == {"position", "version", "event_ids"}
        assert told["version"] > version
        version = told["version"]
        assert done.headers["etag"] == f'"{version}"'
    reported = program.post(f"{path}/report-breach", breach()).json()
    alert = str(site.alert("KENT-LIFE-1"))
    after = 0
    found: list[dict[str, Any]] = []
    while not found:
        page = program.get(f"/alerts?after={after}&limit=500").json()
        found, after = [each for each in page["alerts"] if each["id"] == alert], page["next"]
    assert found[0]["order"] == "KENT-LIFE-1"
    order = site.store.register.order("KENT-LIFE-1")
    causes = {str(f.event_id): str(f.envelope.causation_id) for f in order.standing.values()}
    assert causes[found[0]["cause"]] == reported["event_ids"][0]


def test_what_was_answered_stands_where_it_says(site: Site, program: ApiProgram) -> None:
    site.order("KENT-PLACE-1")
    done = program.post("/orders/KENT-PLACE-1/report-breach", breach()).json()
    [stored] = site.store.log.select_notifications(done["position"], 1)
    assert [str(event_id(stored.originator_id, stored.originator_version))] == done["event_ids"]


def test_the_same_key_gives_the_first_answer_and_another_body_none(
    site: Site, program: ApiProgram
) -> None:
    site.order("KENT-ONCE-1")
    site.order("KENT-ONCE-2")
    key, report = {"Idempotency-Key": "once-1"}, breach()
    first = program.post("/orders/KENT-ONCE-1/report-breach", report, key)
    head = site.store.log.max_notification_id()
    again = program.post("/orders/KENT-ONCE-1/report-breach", report, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    others = (
        ("/orders/KENT-ONCE-1/report-breach", report | {"source": "cctv"}),
        ("/orders/KENT-ONCE-1/retract-breach", {"t": report["t"]}),
        ("/orders/KENT-ONCE-2/report-breach", report),
    )
    for path, body in others:
        answer = program.post(path, body, key)
        assert (answer.status_code, answer.json()["code"]) == (422, "KEY_USED_BEFORE"), path
    facts = site.store.register.order("KENT-ONCE-1").facts
    assert sum(type(each.event).__name__ == "BreachReported" for each in facts) == 1
    assert head is not None


def test_a_refusal_says_code_section_and_sentence_and_is_repeated_under_its_key(
    site: Site, program: ApiProgram
) -> None:
    site.order("KENT-REFUSED-1")
    key, body = {"Idempotency-Key": "refused-1"}, {"applicant": "victim", "last_day": "2031-01-01"}
    asked = body | {"t": ago(hours=1)}
    first = program.post("/orders/KENT-REFUSED-1/renew", asked, key)
    assert first.status_code == 409
    assert first.headers["content-type"] == "application/problem+json"
    told = first.json()
    assert (told["code"], told["section"]) == (
        "S4_APPLICANT_NOT_ELIGIBLE",
        "SPA 2019 s.4(1), s.14(1)",
    )
    assert told["detail"].endswith(".")
    assert told["event_ids"]
    assert program.post("/orders/KENT-REFUSED-1/renew", asked, key).json() == told
    other = asked | {"applicant": "defendant"}
    assert program.post("/orders/KENT-REFUSED-1/renew", other, key).status_code == 422


def test_a_command_for_another_version_changes_nothing(site: Site, program: ApiProgram) -> None:
    site.order("KENT-VERSION-1")
    read = program.get("/orders/KENT-VERSION-1", **READING)
    seen = {"If-Match": read.headers["etag"]}
    assert read.json()["version"] == int(read.headers["etag"].strip('"'))
    assert program.post("/orders/KENT-VERSION-1/use-name", {"name": "A", "t": ago(hours=2)}, seen).status_code == 201  # fmt: skip
    version = site.store.register.order("KENT-VERSION-1").version
    late = program.post("/orders/KENT-VERSION-1/use-name", {"name": "B", "t": ago(hours=1)}, seen)
    assert (late.status_code, late.headers["etag"]) == (412, f'"{version}"')
    assert site.store.register.order("KENT-VERSION-1").version == version
    for rubbish in ("3", "W/3", '"x"', "*", '"1", "2"'):
        assert program.post("/orders/KENT-VERSION-1/use-name", {"name": "B"}, {"If-Match": rubbish}).status_code == 422  # fmt: skip


def entered_since(site: Site, position: int) -> list[str]:
    """What came on the log after it, but for alerts: the desk may still raise those of other tests."""
    events = site.store.events.read(position, limit=1000, wait=0)
    by_the_desk = {AlertRaised.TOPIC, EscalationStarted.TOPIC}
    return [each.topic for each in events if each.topic not in by_the_desk]


@pytest.mark.parametrize(
    ("command", "body", "pointer"),
    [
        ("serve", {"t": "12 Victim Street"}, "/t"),
        ("serve", {"t": "2026-01-01T10:00:00"}, "/t"),
        ("serve", {"t": "2199-01-01T10:00:00Z"}, "/t"),
        ("serve", {"method": ["12 Victim Street"]}, "/method"),
        ("serve", {"12 Victim Street": 1}, "/?"),
        ("serve", {"order_ref": "KENT-READ-2"}, "/order_ref"),
        ("serve", {"recorded_at": 7}, "/recorded_at"),
        ("grant-full", {"conditions": [{"code": "12 Victim Street"}]}, "/conditions/0/code"),
        ("grant-full", {"conditions": [{"code": TERM, "12 Victim Street": 1}]}, "/conditions/0/?"),
        ("receive-notification", {"home_address": {"kind": "12 Victim Street", "place": "x"}}, "/home_address/kind"),
        ("list-hearing", {"on": "2026-02-30 12 Victim Street"}, "/on"),
        ("use-name", {}, "/name"),
    ],
)  # fmt: skip
def test_bad_input_is_named_by_its_place_and_never_said_back(
    site: Site, program: ApiProgram, command: str, body: dict[str, Any], pointer: str
) -> None:
    if not site.store.register.order_by_id(order_id("KENT-READ-1")).version:
        site.order("KENT-READ-1")
        site.order("KENT-READ-2")
    head = site.store.log.max_notification_id() or 0
    answer = program.post(f"/orders/KENT-READ-1/{command}", body)
    assert answer.status_code == 422, answer.text
    assert "Victim" not in answer.text
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]
    assert all(each["detail"].endswith(".") for each in answer.json()["errors"])
    assert entered_since(site, head) == []


@pytest.mark.parametrize("what", ["rubbish", "unreadable", "future", "appointment"])
def test_a_breach_that_cannot_be_read_is_put_before_a_person(
    site: Site, program: ApiProgram, what: str
) -> None:
    reference = f"KENT-LOST-{what}"
    site.order(reference)
    body = {
        "rubbish": b'{"narrative": "12 Victim Street"',
        "unreadable": b'{"occurred_at": "yesterday", "condition": "12 Victim Street"}',
        "future": b'{"t": "2198-01-01T00:00:00Z", "occurred_at": "2020-01-01T00:00:00Z", "condition": "P-APPROACH"}',
        "appointment": b'{"condition": "12 Victim Street"}',
    }[what]
    command = "miss-appointment" if what == "appointment" else "report-breach"
    path = f"/orders/{reference}/{command}"
    before = len(site.recorded(MessageUnread.TOPIC))
    answers = [program.send(path, body) for _ in range(2)]
    assert {each.status_code for each in answers} == {422}
    [found] = site.recorded(MessageUnread.TOPIC)[before:]
    assert str(found) in answers[0].json()["detail"]
    unread = read_unread(site.store.register, found)
    assert reference in unread.reason
    assert "4812" in unread.reason
    assert "Victim" not in unread.reason


def test_a_breach_on_an_order_nobody_knows_is_kept_and_put_before_a_person(
    site: Site, program: ApiProgram
) -> None:
    told = program.post("/orders/KENT-UNKNOWN-1/report-breach", breach())
    assert (told.status_code, told.json()["code"]) == (409, "ORDER_NOT_IN_FORCE_AT_OCCURRENCE")
    assert told.json()["event_ids"]
    assert "kept on record" in told.json()["detail"]
    assert site.store.register.alert(site.alert("KENT-UNKNOWN-1")).raised is not None
    unknown = program.post("/orders/KENT-UNKNOWN-2/serve", {"t": ago(hours=1)})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "UNKNOWN_ORDER")


def test_a_record_of_a_dapo_begins_with_a_file_and_goes_on_over_http(
    site: Site, program: ApiProgram
) -> None:
    made, command = (
        stories.fact("DAPOMade", ago(hours=2), until="further_order"),
        COMMAND_OF["DAPOMade"],
    )
    path = f"/orders/KENT-DAPO-1/{command}"
    assert program.post(path, body_of(made)).json()["code"] == "UNKNOWN_ORDER"
    assert program.post(path, body_of(made) | {"regime": "EW-DAPO-2021"}).status_code == 404
    dapo = {"regime": "EW-DAPO-2021", "force": "Kent"}
    assert not stories.tell(site.store, "KENT-DAPO-1", made, now=datetime.now(UTC), **dapo).refused
    named = program.post("/orders/KENT-DAPO-1/use-name", {"t": ago(hours=1), "name": "Alan Other"})
    assert named.status_code == 201, named.text


def test_a_breach_told_in_words_about_an_erased_person_is_put_before_a_person(
    site: Site, program: ApiProgram
) -> None:
    site.order("KENT-ERASED-1")
    shred(site.store, "KENT-ERASED-1", "protected", "retention_ended", at=datetime.now(UTC))
    sleep(FRESH_FOR)  # by then every process knows of it
    before = len(site.recorded(MessageUnread.TOPIC))
    told = program.post("/orders/KENT-ERASED-1/report-breach", breach())
    assert (told.status_code, told.json()["code"]) == (409, "PERSON_ERASED")
    [found] = site.recorded(MessageUnread.TOPIC)[before:]
    assert str(found) in told.json()["detail"]
    assert "Victim" not in told.text
    in_welsh = program.post(
        "/orders/KENT-ERASED-1/report-breach", breach(), {"Cookie": f"{COOKIE}={WELSH}"}
    )
    assert in_welsh.headers["content-language"] == WELSH
    with speaking(WELSH):
        assert in_welsh.json()["detail"].startswith(_(REFUSALS["PERSON_ERASED"].sentence))
    assert "That a report came" not in in_welsh.text
    plain = breach() | {"narrative": None}
    assert program.post("/orders/KENT-ERASED-1/report-breach", plain).status_code == 201


def test_a_breach_on_an_order_that_cannot_be_read_is_put_before_a_person(
    site: Site, program: ApiProgram
) -> None:
    site.order("KENT-TORN-1")
    order = site.store.register.order("KENT-TORN-1").id
    with closing(sqlite3.connect(site.store.settings.log_path)) as log, log:
        log.execute("DROP TRIGGER IF EXISTS events_are_for_ever")
        _spoil(log, order.bytes)
    before = len(site.recorded(MessageUnread.TOPIC))
    answer = program.post("/orders/KENT-TORN-1/report-breach", breach())
    assert (answer.status_code, answer.json()["code"]) == (500, "ORDER_UNREADABLE")
    [found] = site.recorded(MessageUnread.TOPIC)[before:]
    assert str(found) in answer.json()["detail"]
    assert "Victim" not in answer.text


def _spoil(log: sqlite3.Connection, order: bytes) -> None:
    log.execute(
        "UPDATE events SET state = x'7b' WHERE originator_id = ? AND originator_version = 2",
        (order,),
    )


def test_an_order_is_read_for_a_purpose_that_the_audit_then_shows(
    site: Site, program: ApiProgram
) -> None:
    site.order("KENT-AUDIT-1")
    for path in ("/orders/KENT-AUDIT-1", "/orders/KENT-AUDIT-1/history"):
        assert program.get(path).status_code == 428
        assert program.get(path, **{"X-Purpose": "curious"}).status_code == 422
    before = len(site.recorded(RecordConsulted.TOPIC))
    order = program.get("/orders/KENT-AUDIT-1", **READING).json()
    assert (order["order"], order["in_force"]) == ("KENT-AUDIT-1", "full")
    by_id = f"/orders/{order_id('KENT-AUDIT-1')}/history"
    history = program.get(by_id, **READING).json()["history"]
    assert [each["version"] for each in history] == list(range(1, order["version"] + 1))
    assert len(site.recorded(RecordConsulted.TOPIC)) == before + 2
    looks = _every_consultation(ApiProgram(site, role="reviewer", staff="77"))
    assert len(looks) == before + 2
    assert [(each["order"], each["purpose"], each["who"]) for each in looks[-2:]] == [
        ("KENT-AUDIT-1", "court_work", "4812")
    ] * 2


def _every_consultation(program: ApiProgram) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    after = 0
    while True:
        page = program.get(f"/audit/consultations?after={after}&limit=3").json()
        if page["next"] == after:
            return seen
        seen += page["consultations"]
        after = page["next"]


def test_another_force_finds_no_order_but_may_report_a_breach_of_it(
    site: Site, program: ApiProgram
) -> None:
    site.order("KENT-THEIRS-1")
    sussex = ApiProgram(site, staff="78", force="Sussex")
    assert sussex.get("/orders/KENT-THEIRS-1", **READING).status_code == 404
    assert sussex.post("/orders/KENT-THEIRS-1/discharge", {"t": ago(hours=1)}).status_code == 404
    reported = sussex.post("/orders/KENT-THEIRS-1/report-breach", breach())
    assert reported.status_code == 201
    assert site.store.register.order("KENT-THEIRS-1").facts[-1].envelope.force == "Sussex"


def test_every_fact_type_has_its_command_and_its_schema(site: Site, program: ApiProgram) -> None:
    document = requests.get(f"{site.address}/openapi.json", timeout=PATIENCE).json()
    for name, fact in FACT_OF.items():
        posted = document["paths"][f"/api/v1/orders/{{reference}}/{name}"]["post"]
        schema = posted["requestBody"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": f"#/components/schemas/{fact}"}
        assert "t" in document["components"]["schemas"][fact]["properties"]
        assert "201" in posted["responses"]
    none = program.post("/orders/KENT-1/fly")
    assert (none.status_code, none.json()["code"]) == (404, "NO_SUCH_COMMAND")


@pytest.mark.parametrize(("place", "ways"), [("history", "GET"), ("renew", "POST"), ("", "GET")])
def test_a_place_says_what_can_be_done_there(
    site: Site, program: ApiProgram, place: str, ways: str
) -> None:
    address = program.address(f"/orders/KENT-1/{place}".rstrip("/"))
    answer = requests.delete(address, headers=program.token, timeout=PATIENCE)
    assert (answer.status_code, answer.headers["Allow"]) == (405, ways)


def test_only_plain_json_is_taken(site: Site, program: ApiProgram) -> None:
    site.order("KENT-PLAIN-1")
    path = "/orders/KENT-PLAIN-1/use-name"
    assert program.send(path, b"name=A", {"Content-Type": "text/plain"}).status_code == 415
    assert program.send(path, b"\x1f\x8b", {"Content-Encoding": "gzip"}).status_code == 415
    for rubbish in (b"\xff\xfe", b"{", b"[]", b"null", b'{"a":' * 5000, b"[" * 200_000, b'{"name": 1e999}',
                    b'{"name": "\\ud800"}', b'{"name": "A", "name": "B"}', b'{"name": ' + b"[" * 900 + b"]" * 900 + b"}"):  # fmt: skip
        assert program.send(path, rubbish).status_code == 422, rubbish[:20]
