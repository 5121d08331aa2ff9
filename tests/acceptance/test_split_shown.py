"""What `make split` shows of the console: every kind of message, for one it stumbles over ends the show."""

import json
import subprocess
from pathlib import Path

from deploy.split.__main__ import told
from deploy.split.targets import write_settings
from domain.dossier import order_id
from tests.acceptance.case_files import new_store
from tests.program import Program
from tests.scheduler.test_sweeps import spoil
from tests.stories import breach, served_order, store_at, tell, work_until_idle


def test_alerts_and_what_is_no_alert_are_shown(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        tell(store, "KENT-2", *served_order(), breach())
        spoil(store, order_id("KENT-2"))
        said = [told(json.dumps(each)) for each in work_until_idle(store, "alert", "deliver")]
        tell(store, "KENT-1", breach("2026-12-05T21:05:00+00:00"))
        work_until_idle(store, "alert", "episodes")
        again = [told(json.dumps(each)) for each in work_until_idle(store, "deliver")]
    assert any("BREACH_ARREST  KENT-1" in each for each in said)
    assert sum("BREACH_ARREST  KENT-1" in each for each in again) == 1
    assert any("BREACH_ARREST RESOUNDED  KENT-1" in each for each in again)
    assert any(each.startswith("parked: A record of this order cannot be read") for each in said)


def test_a_command_beside_it_is_told_what_the_roles_are_told(tmp_path: Path) -> None:
    told = {"SPO_LOG__DSN": "host=/a b user=it's dbname=$x"}
    write_settings(tmp_path / "settings.env", told)
    asked = f"set -a; . {tmp_path}/settings.env; env -0"
    shown = subprocess.run(["sh", "-c", asked], capture_output=True, text=True, check=True)
    assert f"SPO_LOG__DSN={told['SPO_LOG__DSN']}" in shown.stdout.split("\0")


def test_a_line_test_is_shown(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    settings = {"SPO_LINE_TEST__EVERY": "4", "SPO_LINE_TEST__ANSWER_WITHIN": "3"}
    roles = ("line-test", "alert", "deliver")
    with Program("run", *roles, "--data-dir", str(store), settings=settings) as program:
        line = program.said.until(lambda each: each.startswith("{"))
        assert told(line).startswith("line_test: ")
