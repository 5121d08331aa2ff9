"""Logs: JSON lines on standard error, ids and codes only, never a person's name or address."""

import sys

import structlog
from eventsourcing.persistence import PersistenceError

from consumers.broker_trouble import BrokerTrouble


def configure_logs() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def described(fault: Exception) -> dict[str, str]:
    """A fault as it may be logged: words of ours say what to do, any others may name people."""
    kind = {"fault": type(fault).__name__}
    ours = isinstance(fault, PersistenceError | BrokerTrouble)
    return kind | {"trouble": str(fault)} if ours else kind
