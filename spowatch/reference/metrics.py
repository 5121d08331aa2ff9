"""The reference page of every metric, from the registry itself."""

from collections.abc import Iterator

from prometheus_client.metrics import MetricWrapperBase

from spowatch.metrics.meters import Meters
from spowatch.reference.fields import table

_SUFFIX = {"counter": "_total", "info": "_info"}


def metrics_rows() -> Iterator[tuple[str, str, str, str]]:
    """Name, kind, labels and meaning of each of ours, by name; `process_` is the library's own."""
    meters = Meters()
    for _ in (
        meters.desk,
        meters.stages,
        meters.line,
        meters.second_road,
        meters.receipts,
        meters.sweeps,
        meters.seal,
        meters.pool,
        meters.certificates,
    ):
        """Each is made when it is first asked for."""
    meters.broker.bad.labels("arrest-desk")
    meters.vitals.expect(["role"])
    labelled = {
        each._name: each._labelnames  # noqa: SLF001 - the library tells labels only with values
        for each in meters.registry._collector_to_names  # noqa: SLF001 - as above
        if isinstance(each, MetricWrapperBase)
    }
    for family in sorted(meters.registry.collect(), key=lambda each: each.name):
        if not family.name.startswith("spo_"):
            continue
        labels = labelled.get(family.name) or tuple(
            name for sample in family.samples for name in sample.labels if name != "le"
        )
        name = f"`{family.name}{_SUFFIX.get(family.type, '')}`"
        told = ", ".join(f"`{each}`" for each in dict.fromkeys(labels))
        yield name, family.type, told, f"{family.documentation}."


def metrics_paragraphs() -> tuple[str, str]:
    told = (
        "Told at `/metrics`, on the port of `SPO_METRICS__PORT` and on that of the pages. How to collect "
        "them: [how to monitor](../how-to/monitor.md). Beside these each process tells its own processor "
        "time, memory and open files as `process_...`. No label ever names a person, an order or an id."
    )
    return told, table(("metric", "kind", "labels", "meaning"), metrics_rows())
