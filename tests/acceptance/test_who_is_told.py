"""The policy file on the running program: checked, taken, changed, spoiled; gaps said before they come."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.calendar import LONDON
from spowatch.policy_file import EXAMPLE
from tests.acceptance.case_files import breach, line, new_store, order_in_force, written
from tests.forked_program import run
from tests.program import PATIENCE, Program

SOON = (datetime.now(UTC) + timedelta(hours=3)).astimezone(LONDON)
LATER = (SOON.astimezone(UTC) + timedelta(hours=2)).astimezone(LONDON)


def policy(folder: Path, text: str | None = None) -> Path:
    path = folder / "policy.toml"
    path.write_text(EXAMPLE.read_text() if text is None else text)
    return path


def with_a_gap(begin: datetime = SOON, end: datetime = LATER) -> str:
    """Kent's supervisors are stood down for a time."""
    stood_down = (
        f'stand_ins = [{{ role = "supervisor", begin = "{begin.isoformat()}", '
        f'end = "{end.isoformat()}" }}]'
    )
    return EXAMPLE.read_text().replace('force = "Kent"\n', f'force = "Kent"\n{stood_down}\n')


def up(store: Path, file: Path, *roles: str, **settings: str) -> Program:
    told = {"SPO_POLICY__FILE": str(file)} | settings
    program = Program("run", *roles, "--data-dir", str(store), settings=told)
    for _ in roles:
        program.said.until(lambda each: each.startswith("READY"))
    return program


def heard(program: Program, what: str) -> dict[str, Any]:
    found = program.said.until(lambda each: f'"what": "{what}"' in each, PATIENCE)
    message: dict[str, Any] = json.loads(found)
    return message


def test_a_gap_is_on_the_console_before_its_shift_and_a_broken_file_changes_nothing(
    tmp_path: Path,
) -> None:
    store = new_store(tmp_path / "store")
    file = policy(tmp_path, with_a_gap())
    with up(store, file, "deliver", "staffing") as program:
        gap = heard(program, "duty_uncovered")
        assert (gap["force"], gap["duty"]) == ("Kent", "supervisor")
        assert datetime.fromisoformat(gap["begins_at"]) == SOON
        file.write_text("version = [")
        assert "not TOML" in heard(program, "policy_refused")["reason"]
        assert program.stop() == 0
    with up(store, file, "deliver", "staffing") as again:
        policy(tmp_path)
        assert heard(again, "duty_covered")["duty"] == "supervisor"
        assert again.stop() == 0


def test_a_first_policy_that_cannot_be_taken_stops_the_start_in_one_line(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    spoiled = EXAMPLE.read_text().replace('tells = "spoc"', 'tells = "victim_liaison"')
    file = policy(tmp_path, spoiled)
    begun = run("run", "--data-dir", str(store), settings={"SPO_POLICY__FILE": str(file)})
    assert begun.returncode == 2
    (said,) = begun.stderr.splitlines()
    assert "spowatch: SPO_POLICY__FILE: Avon and Somerset: step 2 of immediate" in said


def test_check_names_what_is_wrong_by_its_place_or_its_time(tmp_path: Path) -> None:
    good = run("policy", "check", str(policy(tmp_path)))
    assert (good.returncode, "no gaps" in good.stdout) == (0, True)
    gap = run("policy", "check", str(policy(tmp_path, with_a_gap())))
    assert gap.returncode == 1
    assert f"nobody has the role supervisor from {SOON:%a %d %b %Y %H:%M}" in gap.stdout
    untold = EXAMPLE.read_text().replace(
        'KE2041 = [{ channel = "text"', 'KE2041 = [] # [{ channel = "text"'
    )
    refused = run("policy", "check", str(policy(tmp_path, untold)))
    assert refused.returncode == 2
    assert "step 2 of immediate tells the spoc, and KE2041 would not be told" in refused.stderr
    assert run("policy", "check", str(tmp_path / "none.toml")).returncode == 2


def test_an_alert_goes_to_the_desks_it_concerns_and_only_who_is_on_duty_acts(
    tmp_path: Path,
) -> None:
    store = new_store(tmp_path / "store")
    file = policy(tmp_path)
    told = {"SPO_POLICY__FILE": str(file)}
    act = breach("rang at night")
    act["data"]["place"] = "3 Mill Lane, Colchester"
    facts = written(tmp_path / "facts.jsonl", [line("KENT/1", *order_in_force(), act)])
    elsewhere = written(
        tmp_path / "more.jsonl", [line("KENT/2", *order_in_force(), breach("wrote"))]
    )
    with up(store, file, "alert", "deliver", SPO_CONSOLE__DESK="Essex") as program:
        for each in (elsewhere, facts):
            assert run("import", str(each), "--data-dir", str(store)).returncode == 0
        said = heard(program, "raised")
        assert (said["order"], said["answers"], said["must_know"]) == ("KENT/1", "Essex", ["Kent"])
        assert program.stop() == 0
    counts = {desk: _listed(store, desk, told) for desk in ("Essex", "Kent", "Cumbria")}
    assert counts == {"Essex": 1, "Kent": 2, "Cumbria": 0}
    unknown = run("alerts", "list", "--desk", "Narnia", "--data-dir", str(store), settings=told)
    assert (unknown.returncode, "no desk 'Narnia'" in unknown.stderr) == (2, True)
    step = ("desk", "acknowledge", said["alert"], "--data-dir", str(store), "--as")
    assert "NOT_ON_DUTY" in run(*step, "KE2011", settings=told).stderr  # of Kent: not theirs
    by_rota = {_of_this_hour()}
    answers = {each: run(*step, each, settings=told) for each in ("ES1311", "ES1313")}
    by_rota.add(_of_this_hour())
    assert {name for name, answer in answers.items() if answer.returncode == 0} <= by_rota
    (refused,) = (answer for answer in answers.values() if answer.returncode)
    assert "NOT_ON_DUTY" in refused.stderr


def _of_this_hour() -> str:
    return "ES1311" if 7 <= datetime.now(LONDON).hour < 19 else "ES1313"


def _listed(store: Path, desk: str, settings: dict[str, str]) -> int:
    told = run(
        "alerts", "list", "--desk", desk, "--json", "--data-dir", str(store), settings=settings
    )
    return len(json.loads(told.stdout)["alerts"])
