"""What each dashboard shows: one question a panel, in the words of whoever asks it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Panel:
    """`queries`: expression and legend. `unit` as Grafana names them; `now` shows the last value alone."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    now: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    name: str
    title: str
    panels: tuple[Panel, ...]


def _quantiles(metric: str, window: str = "5m") -> tuple[tuple[str, str], ...]:
    """Of two processes that tell the same, the greater."""
    return tuple(
        (
            f"histogram_quantile({q}, max by (le) (rate({metric}_bucket[{window}])))",
            f"p{round(q * 100)}",
        )
        for q in (0.5, 0.99)
    )


_OLDEST = "max(spo_arrest_oldest_unhandled_timestamp_seconds)"
_WAITED = f"(time() - {_OLDEST}) * on() ({_OLDEST} > bool 0)"
CONTROL_ROOM = Board(
    "control-room",
    "Control room: service level",
    (
        Panel("Arrest alerts that are nobody's", "none", (("max(spo_arrests_unhandled)", ""),), now=True),
        Panel(
            "The oldest of them has waited",
            "s",
            ((_WAITED, ""),),
            now=True,
        ),
        Panel("Alerts in ten minutes for each person", "none", (("max(spo_alarms_per_operator)", ""),), now=True),
        Panel("People at boards", "none", (("max(spo_operators_active)", "worked one in ten minutes"), ("sum(spo_boards_open)", "boards open"))),
        Panel("Accepted to alert", "s", _quantiles("spo_accepted_to_alert_seconds")),
        Panel("Alert to painted", "s", _quantiles("spo_alert_to_painted_seconds", "15m")),
        Panel("Painted to taken", "s", _quantiles("spo_painted_to_acknowledged_seconds", "1h")),
        Panel("Alerts raised an hour", "none", (("max by (class, priority) (increase(spo_alerts_raised_total[1h]))", "{{class}} P{{priority}}"),)),
        Panel("Answers of the pages", "reqps", (("sum by (status) (rate(spo_http_requests_total[5m]))", "{{status}}"),)),
        Panel("Pages: time until an answer begins", "s", (("spo:http_answer_seconds:p99", "p99"),)),
    ),
)  # fmt: skip
PIPELINE = Board(
    "pipeline",
    "Pipeline: what works and what does not",
    (
        Panel("Processes", "none", (("up{job='spowatch'}", "{{process}} {{instance}}"),), now=True),
        Panel("Roles that stand still", "none", (("max by (role) (spo_role_stalled)", "{{role}}"),)),
        Panel("Seconds behind the log", "s", (("max by (stage) (spo_stage_lag_seconds)", "{{stage}}"),)),
        Panel("Events behind the log", "none", (("max by (stage) (spo_stage_lag_events)", "{{stage}}"),)),
        Panel("Events handled", "ops", (("sum by (role) (rate(spo_role_events_total[5m]))", "{{role}}"),)),
        Panel("Time for a batch, p99", "s", (("histogram_quantile(0.99, sum by (role, le) (rate(spo_role_handling_seconds_bucket[5m])))", "{{role}}"),)),
        Panel("Faults of roles", "none", (("sum by (role) (increase(spo_role_faults_total[5m]))", "{{role}}"),)),
        Panel("Raised by the second road", "none", (("sum(increase(spo_reconciler_alerts_raised_total[5m]))", "alerts"),)),
        Panel("Handed over twice, done once", "none", (("sum by (role) (increase(spo_role_repeats_total[5m]))", "{{role}}"),)),
        Panel("Since a line test passed every stage", "s", (("time() - max(spo_line_test_last_success_timestamp_seconds)", ""),), now=True),
        Panel("Stages that let the last one pass by", "none", (("max(spo_line_test_stages_silent)", ""),), now=True),
        Panel("Memory", "bytes", (("process_resident_memory_bytes{job='spowatch'}", "{{process}}"),)),
        Panel("Processor", "percentunit", (("rate(process_cpu_seconds_total{job='spowatch'}[1m])", "{{process}}"),)),
    ),
)  # fmt: skip
DEADLINES = Board(
    "deadlines",
    "Deadlines",
    (
        Panel("Since a sweep last looked", "s", (("time() - max(spo_sweep_last_timestamp_seconds)", ""),), now=True),
        Panel("Until the next deadline", "s", (("max(spo_deadline_next_timestamp_seconds) - time()", ""),), now=True),
        Panel("Lateness of duties", "s", _quantiles("spo_deadline_lateness_seconds", "1h")),
        Panel("Put on record late an hour", "none", (("max by (kind) (increase(spo_deadline_lateness_seconds_count[1h]))", "{{kind}}"),)),
        Panel("Faults of sweeps", "none", (("sum(increase(spo_sweep_faults_total[5m]))", "faults"),)),
        Panel("Rows the last audit put right", "none", (("max(spo_sheet_audit_differences)", ""),), now=True),
    ),
)  # fmt: skip
DELIVERIES = Board(
    "deliveries",
    "Deliveries to people outside",
    (
        Panel("Attempts", "ops", (("max by (channel, outcome) (rate(spo_delivery_attempts_total[5m]))", "{{channel}} {{outcome}}"),)),
        Panel("Messages a person must pass on", "none", (("max by (channel) (increase(spo_deliveries_not_taken_total[1h]))", "{{channel}}"),)),
        Panel("Receivers that take nothing", "none", (("max(spo_receivers_failing)", ""),), now=True),
        Panel("A text message waits to be asked for", "s", (("max(spo_receipts_late_seconds)", "longest"),)),
        Panel("Records parked", "none", (("max by (reader) (spo_records_parked)", "{{reader}}"),)),
        Panel("Messages that could not be read", "none", (("max(increase(spo_messages_unreadable_total[1h]))", "messages"),)),
    ),
)  # fmt: skip
STORES = Board(
    "stores",
    "Database and broker",
    (
        Panel("Events written", "ops", (("sum(rate(spo_log_events_written_total[5m]))", "events"),)),
        Panel("Time until a write was durable", "s", (("spo:log_write_seconds:p99", "p99"),)),
        Panel("Writes refused: the same was there, or another was first", "ops", (("sum(rate(spo_log_writes_refused_total[5m]))", "refused"),)),
        Panel("Connections that read, of four", "none", (("max by (process) (spo_database_readers_in_use)", "{{process}}"),)),
        Panel("Writes that failed", "none", (("sum(increase(spo_log_writes_failed_total[5m]))", "failed"),)),
        Panel("Records at the broker not read yet", "none", (("max by (reader) (spo_kafka_records_behind)", "{{reader}}"),)),
        Panel("Records the broker has not acknowledged", "none", (("max(spo_relay_records_in_flight)", "in flight"),)),
        Panel("Records the broker lost", "none", (("sum(increase(spo_relay_records_lost_total[1h]))", "lost"),)),
        Panel("Records that are no messages of ours", "none", (("sum by (reader) (increase(spo_kafka_records_unreadable_total[1h]))", "{{reader}}"),)),
    ),
)  # fmt: skip
BOARDS = (CONTROL_ROOM, PIPELINE, DEADLINES, DELIVERIES, STORES)
