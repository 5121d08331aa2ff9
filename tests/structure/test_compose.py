"""The trial on one machine fits together: what `docker compose config` would refuse, and what it would let through."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.structure.checkout import ROOT

FOLDER = ROOT / "deploy" / "compose"
WHOLE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = WHOLE["services"]
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


def mounts(service: str) -> Iterator[tuple[str, str]]:
    """Where from and where to."""
    for volume in SERVICES[service].get("volumes", []):
        source, target, *_ = volume.split(":")
        yield source, target


def network_of(service: str) -> str:
    """The service in whose network it is: its own, or another's."""
    return str(SERVICES[service].get("network_mode", service)).removeprefix("service:")


def test_what_a_service_names_is_there() -> None:
    for name, service in SERVICES.items():
        assert network_of(name) in SERVICES
        assert set(service.get("secrets", [])) <= set(WHOLE["secrets"])
        for needed, how in service.get("depends_on", {}).items():
            assert how["condition"] in CONDITIONS
            assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[needed], name
        for source, _ in mounts(name):
            assert (FOLDER / source).exists() if source[0] in "./" else source in WHOLE["volumes"]


def test_who_shares_anothers_network_opens_no_port_of_its_own() -> None:
    """Docker refuses it."""
    assert not [x for x, s in SERVICES.items() if network_of(x) != x and "ports" in s]


def inside(service: str, path: str) -> str:
    """The file here that the service sees under that path."""
    for source, target in mounts(service):
        if PurePosixPath(path).is_relative_to(target):
            return str(FOLDER / source / PurePosixPath(path).relative_to(target))
    return ""


def test_grafana_finds_its_source_and_every_dashboard_where_its_files_say() -> None:
    told = FOLDER.parent / "grafana" / "provisioning"
    assert inside("grafana", "/etc/grafana/provisioning/datasources") == str(
        FOLDER / "../grafana/provisioning/datasources"
    )
    [provider] = yaml.safe_load((told / "dashboards" / "spowatch.yml").read_text())["providers"]
    seen = inside("grafana", provider["options"]["path"])
    assert len(list((FOLDER / seen).glob("*.json"))) == 5
    [source] = yaml.safe_load((told / "datasources" / "prometheus.yml").read_text())["datasources"]
    assert urlsplit(source["url"]).hostname == "127.0.0.1"
    assert network_of("grafana") == network_of("prometheus")
    assert ":9090:9090" in str(SERVICES[network_of("prometheus")]["ports"])


def test_there_are_connections_for_every_role() -> None:
    assert "max_connections=200" in SERVICES["log"]["command"]


def test_the_broker_writes_to_its_volume() -> None:
    written = SERVICES["broker"]["environment"]["KAFKA_LOG_DIRS"]
    assert written in {target for _, target in mounts("broker")}
