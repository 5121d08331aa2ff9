"""What the roles write to their logs about one breach: one id finds it all, and nobody is in it."""

import base64
import json
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.acceptance.case_files import NOW, application, export, fact, line, new_store, written
from tests.acceptance.systems import next_alert
from tests.acceptance.test_watched import address
from tests.forked_program import run
from tests.program import PATIENCE, Program

NAME, HOME, TOLD = "Persephone Quillfeather", "9 Teasel Close, Dover", "He waited by the gate"


class Logged:
    """What a store's roles said about one breach, and where it is on record."""

    def __init__(self, said: str, metrics: str, rows: list[dict[str, Any]]) -> None:
        self.said = said
        self.metrics = metrics
        self.lines = [json.loads(each) for each in said.splitlines() if each.startswith("{")]
        self.rows = rows

    def row(self, topic: str) -> dict[str, Any]:
        return next(row for row in self.rows if row["topic"] == topic)


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Logged:
    folder = tmp_path_factory.mktemp("logged")
    store, log = new_store(folder / "store"), folder / "roles.err"
    settings = {"SPO_METRICS__PORT": "0"}
    with ExitStack() as stack:
        errors = stack.enter_context(log.open("wb"))
        roles = ("alert", "deliver", "sweep", "episodes", "measure")
        arguments = ("run", *roles, "--data-dir", str(store))
        system = stack.enter_context(Program(*arguments, settings=settings, errors=errors))
        at = address(system)
        file = written(folder / "facts.jsonl", [line("KENT/1", *order_of_a_person())])
        brought = run("import", str(file), "--data-dir", str(store))
        assert brought.returncode == 0, brought.stdout + brought.stderr
        next_alert(system)
        acted = run("alerts", "list", "--json", "--data-dir", str(store))
        assert acted.returncode == 0
        metrics = requests.get(f"{at}/metrics", timeout=PATIENCE).text
        assert system.stop() == 0
    return Logged(log.read_text(encoding="utf-8"), metrics, export(store))


def order_of_a_person() -> list[dict[str, Any]]:
    made = NOW - timedelta(days=20)
    terms = [{"code": "P-CONTACT-DIRECT", "wording": f"Not to contact {NAME} at {HOME}"}]
    home = {"station_area": "home_address_area", "home_address": HOME, "names": [NAME]}
    return [
        application() | {"data": application()["data"] | {"protected": [{"name": NAME}]}},
        fact("FullOrderGranted", made, until="further_order", conditions=terms),
        fact("OrderServed", made + timedelta(hours=3)),
        fact("NotificationReceived", made + timedelta(days=1), **home),
        breach_told(NOW - timedelta(hours=1)),
    ]


def breach_told(at: datetime) -> dict[str, Any]:
    act = {"occurred_at": (at - timedelta(hours=1)).isoformat(), "narrative": TOLD, "place": HOME}
    return fact("BreachReported", at, condition="P-CONTACT-DIRECT", **act)


def test_the_id_of_the_report_finds_the_lines_of_everything_that_came_of_it(
    logged: Logged,
) -> None:
    report = logged.row("spo.breach-reported.v1")["id"]
    found = [each for each in logged.lines if each.get("correlation") == report]
    raised = next(each for each in found if each["event_type"] == "spo.alert-raised.v1")
    assert raised["causation"] == logged.row("spo.breach-recorded.v1")["id"]
    assert "spo.alert-escalation-started.v1" in {each["event_type"] for each in found}


def test_neither_logs_nor_metrics_hold_anything_about_a_person(logged: Logged) -> None:
    assert len(logged.lines) > 1
    assert "spo_accepted_to_alert_seconds" in logged.metrics
    for canary in (NAME, HOME, TOLD, NAME.split()[1]):
        for form in (canary, quote(canary), base64.b64encode(canary.encode()).decode().rstrip("=")):
            assert form not in logged.said
            assert form not in logged.metrics
    assert "KENT/1" not in logged.metrics
