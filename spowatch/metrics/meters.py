"""Everything one process counts, on one registry: made once, handed to whoever measures."""

import platform
from functools import cached_property
from importlib.metadata import version

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Info, ProcessCollector
from prometheus_client import generate_latest as written

from spowatch.health import Vitals
from spowatch.metrics.certificates import CertificateMeters
from spowatch.metrics.desk import DeskMeters
from spowatch.metrics.edge import EdgeMeters
from spowatch.metrics.of_roles import (
    BrokerMeters,
    LineMeters,
    PoolMeters,
    ReceiptMeters,
    SealMeters,
    SecondRoadMeters,
    SweepMeters,
)
from spowatch.metrics.roles import RoleMeters, VitalSigns
from spowatch.metrics.stages import StageMeters
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

    @cached_property
    def desk(self) -> DeskMeters:
        """What only some roles tell is there from the moment one of them asks for it."""
        return DeskMeters(self.registry)

    @cached_property
    def stages(self) -> StageMeters:
        return StageMeters(self.registry)

    @cached_property
    def line(self) -> LineMeters:
        return LineMeters(self.registry)

    @cached_property
    def second_road(self) -> SecondRoadMeters:
        return SecondRoadMeters(self.registry)

    @cached_property
    def receipts(self) -> ReceiptMeters:
        return ReceiptMeters(self.registry)

    @cached_property
    def seal(self) -> SealMeters:
        return SealMeters(self.registry)

    @cached_property
    def sweeps(self) -> SweepMeters:
        return SweepMeters(self.registry)

    @cached_property
    def pool(self) -> PoolMeters:
        return PoolMeters(self.registry)

    @cached_property
    def certificates(self) -> CertificateMeters:
        return CertificateMeters(self.registry)

    @cached_property
    def broker(self) -> BrokerMeters:
        return BrokerMeters(self.registry)

    def stalled(self) -> dict[str, str]:
        """The roles of this process that are not at work, and why."""
        return {each.role: str(each) for each in self.vitals.stalled()}

    def exposition(self) -> tuple[bytes, str]:
        """Every metric in Prometheus's text format, and its content type."""
        return written(self.registry), CONTENT_TYPE_LATEST
