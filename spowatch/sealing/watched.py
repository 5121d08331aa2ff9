"""The role `seal` with what it tells: that it was refused, that the log differs, when a round ended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from spowatch.metrics.of_roles import SealMeters
from spowatch.sealing.rounds import Difference, Rounds
from spowatch.sealing.sealer import Sealer, SealRefused

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WatchedSealer:
    """Seals, and goes the rounds after it, whether or not that was refused. A log that differs is told, and what is new is sealed all the same."""

    sealer: Sealer
    rounds: Rounds
    meters: SealMeters
    clock: Callable[[], datetime]

    def work(self, wait: float) -> int:
        try:
            sealed = self.sealer.work(wait)
        except SealRefused:
            self.meters.refused.set(1)
            self._go_the_rounds()
            raise
        self._go_the_rounds()
        if sealed:
            self.meters.refused.set(0)
        return sealed

    def _go_the_rounds(self) -> None:
        try:
            ended = self.rounds.look()
        except Difference as found:
            self.meters.differs.set(1)
            _log.error("the log is not what was sealed", position=found.position, found=str(found))
            return
        if ended:
            self.meters.differs.set(0)
            self.meters.looked.set(self.clock().timestamp())
