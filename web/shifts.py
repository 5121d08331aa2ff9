"""Hand-overs that nobody has signed yet, found on the log once and followed from there."""

import threading
from collections.abc import Sequence
from uuid import UUID

from domain.desk.handovers import Handover, HandoverPrepared
from domain.register import OrderRegister

_PAGE = 1_000


class OpenHandovers:
    """Safe to share between threads."""

    def __init__(self, register: OrderRegister) -> None:
        self._register = register
        self._lock = threading.Lock()
        self._position = 0
        self._open: dict[UUID, str] = {}

    def of(self, force: str) -> Sequence[Handover]:
        """Those of that force, the oldest first."""
        with self._lock:
            self._catch_up()
            mine = [each for each, of in self._open.items() if of == force]
        found = [self._register.read(Handover(each)) for each in mine]
        with self._lock:
            for each in found:
                if each.signed:
                    self._open.pop(each.id, None)
        return [each for each in found if not each.signed]

    def _catch_up(self) -> None:
        while page := self._register.recorder.select_notifications(
            self._position, _PAGE, topics=[HandoverPrepared.TOPIC], inclusive_of_start=False
        ):
            for each in page:
                identity = UUID(str(each.originator_id))
                self._open[identity] = self._register.read(Handover(identity)).force
                self._position = each.id
