"""The figures of this trade, on a registry: what the log says of alerts, deadlines, deliveries and records."""

from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from domain.alerts import AlertClass, Priority

RAISING = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60)
PAINTING = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60)
ANSWERING = (2, 5, 10, 20, 30, 60, 120, 300, 600)
LATENESS = (0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 3600)


class DeskMeters:
    """Told by whichever process runs the role `measure`; of two that run it, each tells the whole."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._of_alerts()
        self._of_the_clock()
        self._of_the_outside()
        self._of_the_records()

    def _of_alerts(self) -> None:
        self.raised = self._counter(
            "spo_alerts_raised", "Alerts raised, by class and priority", "class", "priority"
        )
        for kind, priority in product(AlertClass, Priority):
            self.raised.labels(str(kind), str(int(priority)))
        self.to_alert = self._histogram(
            "spo_accepted_to_alert_seconds",
            "Time from what calls for an arrest being on record until its alert was",
            RAISING,
        )
        self.to_painted = self._histogram(
            "spo_alert_to_painted_seconds",
            "Time from an arrest alert until a board of its force said it was painted",
            PAINTING,
        )
        self.to_acknowledged = self._histogram(
            "spo_painted_to_acknowledged_seconds",
            "Time from being painted until somebody took the alert",
            ANSWERING,
        )
        self.unhandled = self._gauge(
            "spo_arrests_unhandled", "Arrest alerts that are open and nobody's, and not held back"
        )
        self.oldest_unhandled = self._gauge(
            "spo_arrest_oldest_unhandled_timestamp_seconds",
            "When the oldest arrest alert that is nobody's was raised; 0 where there is none",
        )
        self.per_operator = self._gauge(
            "spo_alarms_per_operator",
            "Alerts raised in the last ten minutes for each person who worked a board in them",
        )
        self.operators = self._gauge(
            "spo_operators_active", "People who worked a board in the last ten minutes"
        )

    def _of_the_clock(self) -> None:
        self.late = self._histogram(
            "spo_deadline_lateness_seconds",
            "Time from a deadline until what follows from it was on record",
            LATENESS,
            "kind",
        )
        for kind in ("duty", "escalation"):
            self.late.labels(kind)
        self.audited = self._gauge(
            "spo_sheet_audit_last_timestamp_seconds",
            "When the deadline sheet was last worked out anew and compared; 0 before the first time",
        )
        self.differences = self._gauge(
            "spo_sheet_audit_differences",
            "Rows that the last audit of the deadline sheet put right",
        )

    def _of_the_outside(self) -> None:
        self.attempts = self._counter(
            "spo_delivery_attempts", "Attempts to tell a receiver outside", "channel", "outcome"
        )
        self.not_taken = self._counter(
            "spo_deliveries_not_taken", "Messages a person must pass on instead", "channel"
        )
        self.receivers_failing = self._gauge(
            "spo_receivers_failing", "Receivers outside that take nothing"
        )

    def _of_the_records(self) -> None:
        self.parked = self._gauge(
            "spo_records_parked", "Records a reader went on without", "reader"
        )
        for reader in ("arrest-desk", "console"):
            self.parked.labels(reader)
        self.unreadable = self._counter(
            "spo_messages_unreadable", "Messages that came in and could not be read"
        )
        self.silent = self._gauge(
            "spo_stage_silent", "Whether a stage let the last line test pass by: 1 if so", "stage"
        )

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(name, told, labels, registry=self._registry)

    def _gauge(self, name: str, told: str, *labels: str) -> Gauge:
        return Gauge(name, told, labels, registry=self._registry)

    def _histogram(
        self, name: str, told: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(name, told, labels, buckets=buckets, registry=self._registry)
