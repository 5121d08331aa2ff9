"""What single roles tell beside what all of them tell: the line test, the second road, the seal, the broker's readers."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class PoolMeters:
    """Of every process whose log is in a database; at its limit whoever reads waits."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.in_use = Gauge(
            "spo_database_readers_in_use",
            "Connections to the database that read at this moment, of four",
            registry=registry,
        )


class LineMeters:
    """Of the role `line-test`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.tested = Gauge(
            "spo_line_test_last_timestamp_seconds",
            "When the last line test was begun of which it is known what came of it",
            registry=registry,
        )
        self.succeeded = Gauge(
            "spo_line_test_last_success_timestamp_seconds",
            "When the last line test was begun that every stage passed on in time; before one, when testing began",
            registry=registry,
        )
        self.silent = Gauge(
            "spo_line_test_stages_silent",
            "Stages that did not pass the last line test on in time",
            registry=registry,
        )


class ReceiptMeters:
    """Of the role `receipts`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.late = Gauge(
            "spo_receipts_late_seconds",
            "How long the text message that is longest due has waited to be asked for",
            registry=registry,
        )


class SecondRoadMeters:
    """Of the role `reconcile`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.owed = Counter(
            "spo_reconciler_alerts_raised",
            "Alerts the desk had not raised within the grace, and the reconciler did",
            registry=registry,
        )


class SealMeters:
    """Of the role `seal`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.refused = Gauge(
            "spo_seal_refused",
            "Whether what would be signed contradicts what was signed before, or the witness: 1 if so",
            registry=registry,
        )
        self.differs = Gauge(
            "spo_seal_log_differs",
            "Whether the last round over what is sealed found the log changed: 1 if so",
            registry=registry,
        )
        self.looked = Gauge(
            "spo_seal_round_last_timestamp_seconds",
            "When all that is sealed was last found to be as it was sealed; 0 before the first round ended",
            registry=registry,
        )


class SweepMeters:
    """Of the role `sweep`, whose sweeps run beside its loop."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.faults = Counter(
            "spo_sweep_faults", "Sweeps that ended with a fault", registry=registry
        )


class BrokerMeters:
    """Of the roles that read from a broker or send to it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.behind = Gauge(
            "spo_kafka_records_behind",
            "Records at the broker that a reader has not been given yet",
            ["reader"],
            registry=registry,
        )
        self.behind_for = Gauge(
            "spo_kafka_behind_seconds",
            "How long a reader has had records waiting for it at the broker",
            ["reader"],
            registry=registry,
        )
        self.bad = Counter(
            "spo_kafka_records_unreadable",
            "Records that were no messages of ours",
            ["reader"],
            registry=registry,
        )
        self.in_flight = Gauge(
            "spo_relay_records_in_flight",
            "Records sent that the broker has not acknowledged yet",
            registry=registry,
        )
        self.lost = Counter(
            "spo_relay_records_lost",
            "Records the broker acknowledged and did not keep; they are sent again",
            registry=registry,
        )
