"""What is under deploy/ fits the program: its settings are known, its roles exist, nothing is let in unasked."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from spowatch.running.register import EVERY_ROLE, roles_of
from spowatch.settings.outward import MailSettings
from spowatch.settings.root import read_settings
from tests.servers.debian import needed
from tests.structure.checkout import ROOT

UNITS = ROOT / "deploy" / "systemd"
COMPOSE = ROOT / "deploy" / "compose"
MANIFESTS = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
OWN_ELSEWHERE = {
    "SPO_LOG__DSN": "host=db dbname=spowatch",
    "SPO_KEYS__DSN": "host=keys dbname=spowatch_keys",
    "SPO_HTTP__SIGN_IN__ISSUER": "https://sign-in.example",
    "SPO_HTTP__SIGN_IN__CLIENT_ID": "spowatch",
    "SPO_HTTP__SIGN_IN__CLIENT_SECRET": "x",
    "SPO_HTTP__SIGN_IN__ROLES__OPERATORS": "operator",
    "SPO_HTTP__SIGN_IN__ADDRESS": "https://spowatch.example",
}
"""What the secrets of an operator hold."""


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((COMPOSE / "compose.yaml").read_text(encoding="utf-8"))
    return found


def objects() -> list[dict[str, Any]]:
    read = [yaml.safe_load_all(path.read_text(encoding="utf-8")) for path in MANIFESTS]
    return [each for documents in read for each in documents]


def of_kind(*kinds: str) -> list[dict[str, Any]]:
    return [each for each in objects() if each["kind"] in kinds]


def pods() -> list[tuple[str, dict[str, Any]]]:
    kinds = of_kind("Deployment", "StatefulSet", "Job")
    return [(each["metadata"]["name"], each["spec"]["template"]["spec"]) for each in kinds]


def roles_in(command: list[str]) -> list[str]:
    return command[1:] if command[0] == "run" else []


def test_every_container_of_the_trial_has_settings_that_are_known_and_roles_that_exist() -> None:
    started = []
    for service in compose()["services"].values():
        if service.get("image") == "spowatch":
            read_settings({k: v for k, v in service["environment"].items() if k.startswith("SPO_")})
            started += roles_in(service["command"])
    settings = read_settings(dict(compose()["x-settings"]))
    assert set(started) == set(roles_of(settings))


def test_every_process_of_the_cluster_has_settings_that_are_known_and_roles_that_exist() -> None:
    [shared] = of_kind("ConfigMap")
    started = []
    for name, pod in pods():
        [container] = pod["containers"]
        own = {each["name"]: each["value"] for each in container["env"]}
        wants = {k: v for k, v in OWN_ELSEWHERE.items() if "HTTP" not in k or name == "boards"}
        read_settings(shared["data"] | own | wants)
        started += roles_in(container["args"])
    wanted = roles_of(read_settings(shared["data"] | {k: OWN_ELSEWHERE[k] for k in _DSNS}))
    assert set(started) == set(wanted)


_DSNS = ("SPO_LOG__DSN", "SPO_KEYS__DSN")


def test_the_two_roads_to_an_alert_die_apart() -> None:
    commands = [service.get("command", []) for service in compose()["services"].values()]
    arguments = [pod["containers"][0]["args"] for _, pod in pods()]
    for command in (*commands, *arguments):
        assert not {"alert", "reconcile"} <= set(command)


@pytest.mark.parametrize("name", [name for name, _ in pods()])
def test_a_pod_may_do_nothing_it_need_not(name: str) -> None:
    pod = dict(pods())[name]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    for container in (*pod["initContainers"], *pod["containers"]):
        locked = container["securityContext"]
        assert locked["readOnlyRootFilesystem"]
        assert locked["allowPrivilegeEscalation"] is False
        assert locked["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


def test_every_lasting_pod_is_probed_and_given_time_to_stop() -> None:
    for name, pod in pods():
        if name != "migrate":
            [container] = pod["containers"]
            assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
            assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
            assert pod["terminationGracePeriodSeconds"] > 10


def test_what_is_there_twice_is_never_taken_away_at_once() -> None:
    kept = {
        each["spec"]["selector"]["matchLabels"]["part"] for each in of_kind("PodDisruptionBudget")
    }
    several = of_kind("Deployment", "StatefulSet")
    assert kept == {x["metadata"]["name"] for x in several if x["spec"]["replicas"] > 1}


def test_a_browser_stays_with_the_pod_that_knows_its_session() -> None:
    serving = {name for name, pod in pods() if "api" in roles_in(pod["containers"][0]["args"])}
    kept = {
        each["metadata"]["name"]
        for each in of_kind("Service")
        if each["spec"].get("sessionAffinity") == "ClientIP"
    }
    assert serving
    assert serving <= kept


def test_pages_are_taken_from_nobody_because_a_sheet_is_not_kept() -> None:
    """A pod is ready when all of its roles are at work, and pages and boards can do without sheets."""
    with_pages = [roles_in(pod["containers"][0]["args"]) for _, pod in pods()]
    assert [roles for roles in with_pages if "api" in roles] == [["api"]]


def test_nobody_reaches_anybody_unless_named() -> None:
    closed = [each["spec"] for each in of_kind("NetworkPolicy") if not each["spec"]["podSelector"]]
    assert closed == [{"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}]


def ports_out(part: str) -> set[int]:
    found = set()
    for each in (policy["spec"] for policy in of_kind("NetworkPolicy")):
        chosen = each["podSelector"]
        parts = [each for rule in chosen.get("matchExpressions", []) for each in rule["values"]]
        if part in (chosen.get("matchLabels", {}).get("part"), *parts):
            opened = [port for rule in each.get("egress", []) for port in rule["ports"]]
            found |= {port["port"] for port in opened}
    return found


def test_mail_and_the_heartbeat_have_a_way_out() -> None:
    assert ports_out("outward") == {443, MailSettings.model_fields["port"].default}
    assert ports_out("second-road") == {443}


def test_the_trial_reads_its_password_where_its_first_lines_put_it() -> None:
    text = (COMPOSE / "compose.yaml").read_text(encoding="utf-8")
    [put] = re.findall(r"^#.*> (\S+)$", text, re.MULTILINE)
    read = COMPOSE / compose()["secrets"]["db_password"]["file"]
    assert (ROOT / put).resolve() == read.resolve()


def test_the_guide_says_settings_first_and_the_readers_own_overlay_last() -> None:
    page = (ROOT / "docs" / "how-to" / "install.md").read_text(encoding="utf-8")
    applied = re.findall(r"kubectl apply .*?(settings|migrate|-k \S+?)(?:\.yaml|`)", page)
    assert applied == ["settings", "migrate", "-k OVERLAY"]


def test_the_list_of_what_is_applied_is_whole() -> None:
    [listed] = of_kind("Kustomization")
    once = {"kustomization.yaml", "migrate.yaml"}
    assert set(listed["resources"]) == {path.name for path in MANIFESTS} - once


def test_what_the_files_mount_is_there() -> None:
    for service in compose()["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert not source.startswith(".") or (COMPOSE / source).exists(), source
    copied = re.findall(
        r"^COPY (?!--from)(.+) \S+$", (COMPOSE / "Containerfile").read_text(), re.MULTILINE
    )
    assert all((ROOT / name).exists() for line in copied for name in line.split())


_ERASED = "SPO_KEYS__ERASED_LIST"


def test_what_was_erased_is_listed_where_a_restore_finds_it() -> None:
    """Not in the memory of a container, and not in a database that is made anew."""
    [shared] = of_kind("ConfigMap")
    folder = str(Path(shared["data"][_ERASED]).parent)
    [seal] = [each for each in of_kind("StatefulSet") if each["metadata"]["name"] == "seal"]
    mounts = seal["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    lasting = {each["metadata"]["name"] for each in seal["spec"]["volumeClaimTemplates"]}
    assert lasting & {each["name"] for each in mounts if each["mountPath"] == folder}
    folder = str(Path(compose()["x-settings"][_ERASED]).parent)
    for service in compose()["services"].values():
        if service.get("image") == "spowatch":
            mounted = dict(each.split(":")[:2][::-1] for each in service["volumes"])
            assert mounted[folder] in compose()["volumes"]


def test_no_port_of_the_trial_is_open_to_other_machines() -> None:
    opened = [each for x in compose()["services"].values() for each in x.get("ports", [])]
    assert opened
    assert all(each.startswith("127.0.0.1:") for each in opened)


@pytest.mark.parametrize("unit", sorted(path.name for path in UNITS.iterdir()))
def test_a_unit_is_one_that_systemd_takes_and_locks_in(unit: str, tmp_path: Path) -> None:
    analyze = needed("systemd-analyze", "systemd")
    for path in UNITS.iterdir():
        program = str(Path(sys.executable).with_name("spowatch"))
        text = path.read_text(encoding="utf-8").replace("/opt/spowatch/bin/spowatch", program)
        (tmp_path / path.name.replace("@", "@alert")).write_text(text, encoding="utf-8")
    copied = str(tmp_path / unit.replace("@", "@alert"))
    found = subprocess.run([analyze, "verify", copied], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")
    if unit.endswith(".service"):
        asked = [analyze, "security", "--offline=true", "--threshold=20", copied]
        assert subprocess.run(asked, capture_output=True, check=False).returncode == 0


def test_the_units_roles_are_the_programs() -> None:
    page = (ROOT / "docs" / "how-to" / "install.md").read_text(encoding="utf-8")
    named = set(re.findall(r"spowatch@([a-z-]+)", page))
    assert named <= set(EVERY_ROLE)
    assert {"alert", "reconcile", "sweep", "seal", "api"} <= named
