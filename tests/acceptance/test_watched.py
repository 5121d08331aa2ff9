"""The program as whoever watches over it sees it."""

import json
from pathlib import Path
from time import monotonic, sleep

import requests

from tests.acceptance.case_files import new_store
from tests.acceptance.systems import bring_in
from tests.forked_program import run
from tests.program import PATIENCE, Program

WATCHED = {"SPO_METRICS__PORT": "0"}


def address(program: Program) -> str:
    said = json.loads(program.said.until(lambda line: '"what": "metrics"' in line))
    return str(said["address"]).removesuffix("/metrics")


def ready(at: str) -> requests.Response:
    """Once every role has begun, or after all patience."""
    deadline = monotonic() + PATIENCE
    while (told := requests.get(f"{at}/readyz", timeout=PATIENCE)).status_code != 200:
        if monotonic() > deadline:
            break
        sleep(0.05)
    return told


def test_a_process_tells_how_each_of_its_roles_is(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    bring_in(store, "i-1")
    unreadable = {"SPO_HMPPS__URL": "https://gateway.example", "SPO_HMPPS__AUTHORITY": "gone"}
    given = WATCHED | unreadable
    with Program("run", "alert", "sweep", "--data-dir", str(store), settings=given) as program:
        at = address(program)
        assert ready(at).json() == {"status": "ready", "roles": ["alert", "sweep"]}
        told = requests.get(f"{at}/metrics", timeout=PATIENCE).text
        assert 'spo_role_stalled{role="sweep"} 0.0' in told
        assert "process_resident_memory_bytes" in told
        assert (
            'spo_certificate_expiry_timestamp_seconds{setting="SPO_HMPPS__AUTHORITY"} 0.0' in told
        )
        assert program.stop() == 0


def test_a_second_process_on_the_same_port_says_which_setting_is_wrong(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with Program("run", "alert", "--data-dir", str(store), settings=WATCHED) as program:
        port = address(program).rpartition(":")[2]
        second = run("run", "sweep", "--data-dir", str(store), settings={"SPO_METRICS__PORT": port})
    assert second.returncode != 0
    assert f"SPO_METRICS__PORT {port}: Address already in use" in second.stderr
    assert "Traceback" not in second.stderr
