"""What the library's Application is built from: the log, wherever it is kept."""

from typing import TYPE_CHECKING, Any, NoReturn

from eventsourcing.persistence import (
    InfrastructureFactory,
    NotSupportedError,
    TrackingRecorder,
)

from spowatch.store.log_events import LogEventStore
from spowatch.store.mapper import EventMapper

if TYPE_CHECKING:
    from spowatch.store.log import Log


class LogFactory(InfrastructureFactory[TrackingRecorder]):
    """Hands out an open log and a mapper; whoever opened them closes them.

    An Application gets it by overriding `construct_factory`. No environment variable is read.
    """

    def __init__(self, log: "Log", mapper: EventMapper) -> None:
        super().__init__(env=None)
        self._log = log
        self._mapper = mapper

    def mapper(self, *_: Any, **__: Any) -> EventMapper:  # type: ignore[override]  # we make no other, whatever is asked
        return self._mapper

    def event_store(self, *_: Any, **__: Any) -> LogEventStore:  # type: ignore[override]  # we make no other, whatever is asked
        return LogEventStore(self._mapper, self._log)

    def application_recorder(self) -> "Log":
        return self._log

    def process_recorder(self) -> "Log":
        return self._log

    def tracking_recorder(self, *_: Any) -> "Log":
        return self._log

    def aggregate_recorder(self, purpose: str = "events") -> NoReturn:
        msg = f"no recorder for {purpose}: streams are short, and snapshots are kept nowhere"
        raise NotSupportedError(msg)
