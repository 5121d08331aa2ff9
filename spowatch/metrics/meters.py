"""Everything one process counts, on one registry: made once, handed to whoever measures."""

import platform
from importlib.metadata import version

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Info, ProcessCollector
from prometheus_client import generate_latest as written

from spowatch.health import Vitals
from spowatch.metrics.edge import EdgeMeters
from spowatch.metrics.roles import RoleMeters, VitalSigns
from spowatch.metrics.writes import WriteMeters


class Meters:
    """No name, no reference and no id of anybody or any order is ever a label."""

    def __init__(self, vitals: Vitals | None = None) -> None:
        self.vitals = vitals or Vitals()
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        build = Info("spo_build", "What is running", registry=self.registry)
        build.info({"version": version("spowatch"), "python": platform.python_version()})
        self.registry.register(VitalSigns(self.vitals))
        self.roles = RoleMeters(self.registry)
        self.writes = WriteMeters(self.registry)
        self.edge = EdgeMeters(self.registry)

    def stalled(self) -> dict[str, str]:
        """The roles of this process that are not at work, and why."""
        return {each.role: str(each) for each in self.vitals.stalled()}

    def exposition(self) -> tuple[bytes, str]:
        """Every metric in Prometheus's text format, and its content type."""
        return written(self.registry), CONTENT_TYPE_LATEST
