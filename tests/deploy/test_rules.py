"""The rules, by Prometheus's own judge, and the page for whoever is woken by one."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from spowatch.cli.app import app
from spowatch.reference.metrics import metrics_rows
from tests.servers.debian import needed
from tests.structure.checkout import ROOT

RULES = ROOT / "deploy" / "prometheus" / "rules" / "spowatch.rules.yml"
TESTS = RULES.with_name("spowatch.tests.yml")
RUNBOOK = ROOT / "docs" / "runbook"
METRIC = re.compile(r"\b(spo_[a-z0-9_]+)")
_SERIES = re.compile(r"_(bucket|sum|count)$")


def rules() -> list[dict[str, Any]]:
    read = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


ALERTS = [rule for rule in rules() if "alert" in rule]


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [needed("promtool", "prometheus"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_prometheus_and_alertmanager_take_the_files_as_they_are() -> None:
    config = promtool("check", "config", str(RULES.parents[1] / "prometheus.yml"))
    assert config.returncode == 0, config.stderr
    alertmanager = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
    command = [needed("amtool", "prometheus-alertmanager"), "check-config", str(alertmanager)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_each_alert_comes_when_it_should_and_not_before() -> None:
    tested = promtool("test", "rules", str(TESTS))
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_the_tests_of_an_alert_see_one_that_never_comes(tmp_path: Path) -> None:
    dead = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    for group in dead["groups"]:
        for rule in group["rules"]:
            rule["expr"] = "vector(0) > 1" if "alert" in rule else rule["expr"]
    assert missed(tmp_path, dead) == {rule["alert"] for rule in ALERTS}


def test_the_tests_of_an_alert_see_one_that_always_comes(tmp_path: Path) -> None:
    loud = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    for group in loud["groups"]:
        for rule in group["rules"]:
            rule.pop("for", None)
            rule["expr"] = "vector(1)" if "alert" in rule else rule["expr"]
    always = {"SpoWatchdog"}
    assert missed(tmp_path, loud) == {rule["alert"] for rule in ALERTS} - always


def missed(directory: Path, changed: dict[str, Any]) -> set[str]:
    """The alerts that the tests find wrong in these rules."""
    (directory / RULES.name).write_text(yaml.safe_dump(changed), encoding="utf-8")
    (directory / TESTS.name).write_text(TESTS.read_text(encoding="utf-8"), encoding="utf-8")
    tested = promtool("test", "rules", str(directory / TESTS.name))
    assert tested.returncode != 0
    return set(re.findall(r"alertname: (\w+)", tested.stdout + tested.stderr))


def test_a_rule_asks_for_metrics_that_there_are() -> None:
    known = {name.strip("`") for name, *_ in metrics_rows()}
    asked = {_SERIES.sub("", each) for rule in rules() for each in METRIC.findall(rule["expr"])}
    assert asked - known == set()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_an_alert_has_its_page_with_what_to_do(rule: dict[str, Any]) -> None:
    name = rule["alert"]
    assert rule["labels"]["severity"] in {"page", "ticket", "none"}
    assert rule["annotations"]["runbook_url"] == f"docs/runbook/{name}.md"
    page = (RUNBOOK / f"{name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {name}\n")
    assert all(
        part in page for part in ("**Means.**", "**Harmed.**", "**First.**", "**Over when**")
    )
    assert len(commands(page)) == 3


def test_the_runbook_speaks_of_no_alert_that_cannot_come() -> None:
    pages = {path.stem for path in RUNBOOK.glob("Spo*.md")}
    assert pages == {rule["alert"] for rule in ALERTS}


def commands(page: str) -> list[str]:
    [block] = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    return str(block).splitlines()


def test_the_commands_of_the_runbook_are_commands_of_the_program() -> None:
    program = typer.main.get_command(app)
    for path in RUNBOOK.glob("Spo*.md"):
        for line in commands(path.read_text(encoding="utf-8")):
            words = shlex.split(line.partition("|")[0])
            if "spowatch" in words[:2]:
                asked = words[words.index("spowatch") + 1 :]
                assert knows(program, asked), f"{path.name}: {line}"


def knows(command: Any, words: list[str]) -> bool:
    """Whether the words lead to a command that does something, by the program's own tables."""
    if not hasattr(command, "get_command"):
        return True
    inner = command.get_command(typer.Context(command), words[0]) if words else None
    return inner is not None and knows(inner, words[1:])
