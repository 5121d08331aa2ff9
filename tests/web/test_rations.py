"""Who asks too often waits; who reports a breach or works an alert never does."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from domain.access import Action, Role
from domain.command_names import FACT_OF
from domain.desk.steps import STEPS
from spowatch.settings.http import RationSettings
from tests.program import PATIENCE
from tests.web.callers import ApiProgram
from tests.web.site import TERM, Caller, Site, site_at
from web.access import Person
from web.doors import DOORS
from web.rations import COUNTED, NEVER, Limits, Rations
from web.speaking import COOKIE

FEW = {"SPO_HTTP__RATIONS__READS": "3", "SPO_HTTP__RATIONS__COMMANDS": "2"}
NOBODYS = "6f2c0b1e-9d53-5c0a-8a57-3a1f0d8a4f11"


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_at(tmp_path_factory.mktemp("few"), settings=FEW, roles=("api",)) as site:
        yield site


def test_who_reads_too_often_waits_and_nobody_else(few: Site) -> None:
    """ASVS 2.4.1."""
    program, other = ApiProgram(few), ApiProgram(few, staff="7")
    answers = [program.get("/orders/KENT-NONE") for _ in range(5)]
    assert [each.status_code for each in answers] == [428] * 3 + [429] * 2
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].json()["code"] == "TOO_MANY"
    assert other.get("/orders/KENT-NONE").status_code == 428
    page = Caller(few, role="spoc").get("/caseload")
    assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert int(page.headers["retry-after"]) >= 1


def test_a_form_that_is_put_off_is_kept_with_all_that_was_typed(few: Site) -> None:
    clerk = Caller(few, staff="10", role="spoc")
    browser = {"Accept": "text/html"}
    put_off = [clerk.post("/people", browser, words="<b>Mercer") for _ in range(4)][-1]
    assert (put_off.status_code, put_off.headers.get("retry-after", "") > "") == (429, True)
    assert 'name="words" value="&lt;b&gt;Mercer"' in put_off.text
    assert f'name="csrf" value="{clerk.csrf}"' in put_off.text
    assert "asked too often" in put_off.text


def test_who_is_put_off_or_kept_out_is_told_in_their_language(few: Site) -> None:
    reader = Caller(few, staff="9", role="spoc")
    welsh = {"Cookie": f"{reader.cookie}; {COOKIE}=cy"}
    put_off = [reader.get("/caseload", **welsh) for _ in range(4)][-1]
    kept_out = reader.get("/reports/health", **welsh)
    for answer, status in ((put_off, 429), (kept_out, 403)):
        assert answer.status_code == status
        assert '<html lang="cy">' in answer.text
        assert "Heb ei wneud" in answer.text
        assert "ni wnaed dim" in answer.text


def test_a_busy_shift_never_meets_the_rations() -> None:
    """Two hundred orders in ten minutes, with their people and all that is recorded: here all at once."""
    settings = RationSettings()
    programs = Limits(settings.program_reads, settings.program_commands)
    rations = Rations(Limits(settings.reads, settings.commands), programs)
    clerk = Person("4812", Role.COURT_LIAISON, "Kent", "t-1")
    for _ in range(200):
        for action in (
            Action.READ_ORDER,
            Action.READ_PERSON,
            Action.RECORD_COURT,
            Action.RECORD_SERVICE,
        ):
            rations.count(clerk, action)


def test_who_records_too_often_waits_and_reports_breaches_all_the_same(few: Site) -> None:
    """Of an order nobody knows: 409, and on record all the same."""
    program = ApiProgram(few, staff="8")
    recorded = [program.post("/orders/KENT-NONE/serve").status_code for _ in range(4)]
    assert recorded == [404] * 2 + [429] * 2
    now = datetime.now(UTC).isoformat()
    report = {"occurred_at": now, "condition": TERM}
    told = [program.post("/orders/KENT-NONE/report-breach", report).status_code for _ in range(6)]
    assert set(told) <= {201, 409}, told
    steps = [program.post(f"/alerts/{NOBODYS}/acknowledge").status_code for _ in range(6)]
    assert steps == [404] * 6
    assert [program.get("/alerts").status_code for _ in range(6)] == [200] * 6
    metrics = requests.get(f"{few.address}/metrics", timeout=PATIENCE).text
    assert 'spo_http_requests_put_off_total{route="/api/v1/orders/{reference:path}/serve"} 2.0' in metrics  # fmt: skip


def test_every_action_is_counted_or_never_is_and_what_is_urgent_never_is() -> None:
    assert set(COUNTED) | NEVER == set(Action)
    assert not set(COUNTED) & NEVER
    assert FACT_OF["report-breach"] == "BreachReported"
    urgent = [f"POST /api/v1/alerts/{{alert}}/{step}" for step in STEPS]
    urgent += ["POST /api/v1/orders/{reference:path}/report-breach", "GET /board/stream"]
    urgent += ["POST /orders/{reference:path}/record/{command}", "POST /alerts/{alert}/{step}"]
    assert not [each for each in urgent if DOORS[each] in COUNTED]
