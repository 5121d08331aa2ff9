"""Logs: JSON lines on standard error, ids and codes only, never a person's name or address."""

import sys
from collections.abc import Sequence

import structlog
from eventsourcing.persistence import PersistenceError

from consumers.broker_trouble import BrokerTrouble
from domain.alerts import AlertRaised, AlertWithdrawn
from domain.desk.events import DeskEvent
from domain.events import EVENT_TYPES, RecordedEvent
from domain.facts.breaches import BreachReported
from domain.findings import Finding

_log = structlog.get_logger()


def configure_logs() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


_TOLD = frozenset(
    topic
    for topic, kind in EVENT_TYPES.items()
    if issubclass(kind, BreachReported | Finding | AlertRaised | AlertWithdrawn | DeskEvent)
)
"""What a breach, and everything that comes of it, is put on record as."""


def told_on_record(events: Sequence[RecordedEvent]) -> None:
    """A line for each event of a breach that this process has made durable; one id finds them all."""
    for each in events:
        if each.topic in _TOLD:
            _log.info(
                "on record",
                event_type=each.topic,
                stream=str(each.originator_id),
                version=each.originator_version,
                correlation=str(each.correlation_id),
                causation=None
                if each.envelope.causation_id is None
                else str(each.envelope.causation_id),
            )


def described(fault: Exception) -> dict[str, str]:
    """A fault as it may be logged: words of ours say what to do, any others may name people."""
    kind = {"fault": type(fault).__name__}
    ours = isinstance(fault, PersistenceError | BrokerTrouble)
    return kind | {"trouble": str(fault)} if ours else kind
