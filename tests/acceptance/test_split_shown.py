"""What `make split` shows of the console: every kind of message, for one it stumbles over ends the show."""

import json
import subprocess
import threading
from contextlib import closing
from pathlib import Path
from time import monotonic
from urllib.request import urlopen

from deploy.split.__main__ import kept_running, told
from deploy.split.breaches import Breaches, Importing, _case
from deploy.split.targets import write_settings
from domain.dossier import order_id
from tests.acceptance.case_files import new_store, orders_on_record
from tests.program import SPOWATCH, Program, environment
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


def test_a_breach_is_timed_from_its_acknowledgement_and_told_again_until_there_is_one(
    tmp_path: Path,
) -> None:
    store = new_store(tmp_path)
    command = [*SPOWATCH, "import", "-", "--data-dir", str(store)]
    breaches, (first, second) = Breaches(), (_case(1), _case(2))
    with closing(Importing(command, environment({}))) as importing:
        assert importing.told(first)
        process = importing._process
        assert importing.told(first)
        assert importing._process is process is not None
        process.kill()
        process.wait()
        assert importing.told(second)
    found = orders_on_record(store)
    assert found["SPLIT/1"] == found["SPLIT/2"]
    said = {"what": "raised", "code": "BREACH_ARREST", "order": "SPLIT/1"}
    breaches.acknowledged |= {"SPLIT/1": monotonic() - 3, "SPLIT/2": monotonic()}
    breaches.heard(json.dumps(said) + "\n")
    breaches.heard("READY deliver 1\n")
    assert [3 <= each < 5 for each in breaches.waited()] == [True]


def test_a_line_test_is_shown(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    settings = {"SPO_LINE_TEST__EVERY": "4", "SPO_LINE_TEST__ANSWER_WITHIN": "3"}
    roles = ("line-test", "alert", "deliver")
    with Program("run", *roles, "--data-dir", str(store), settings=settings) as program:
        line = program.said.until(lambda each: '"what": "line_test"' in each)
        assert told(line).startswith("line_test: ")


def test_no_breach_comes_before_every_role_is_at_work(tmp_path: Path) -> None:
    settings, stop = {"SPO_DATA_DIR": str(new_store(tmp_path))}, threading.Event()
    with kept_running(settings, stop, ("alert", "sweep")) as kept:
        kept.wait_until_ready(stop)
        for port in kept.ports.values():
            with urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
                assert answer.status == 200
