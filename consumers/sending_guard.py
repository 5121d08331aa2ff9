"""Whether this machine may send: not from a store that was restored or copied, until a person says so."""

from collections.abc import Callable
from datetime import datetime

from eventsourcing.persistence import IntegrityError

from consumers.sender_mark import LastAttempt, SenderMark
from domain.desk.deliveries import Delivery, DeliveryAttempted
from domain.desk.sending import SENDING, HeldBecause, SendingRecord
from domain.register import OrderRegister


class SendingGuard:
    """Asked before anything leaves, and told of each attempt once that is on record."""

    def __init__(
        self, register: OrderRegister, mark: SenderMark, now: Callable[[], datetime]
    ) -> None:
        self._register = register
        self._mark = mark
        self._now = now
        self._free = False

    def may_send(self) -> bool:
        """Whether anything may leave; while not, asked again it looks again."""
        self._free = self._free or self._looked()
        return self._free

    def attempted(self, lane: str, delivery: Delivery) -> None:
        """The attempt is on record, and its first byte is about to leave."""
        at = delivery.attempted_at or self._now()
        self._mark.note(lane, LastAttempt(delivery.id, delivery.version, at))

    def _looked(self) -> bool:
        record = self._register.read(SendingRecord(SENDING))
        why = self._wrong(record)
        if why is None:
            record.begin(self._mark.sender, self._now())
        else:
            record.hold(self._mark.sender, why, self._now())
        try:
            self._register.keep([record])
        except IntegrityError:  # another lane was first: what it left is looked at next time
            return False
        return why is None

    def _wrong(self, record: SendingRecord) -> HeldBecause | None:
        released_at = record.released_at.get(self._mark.sender)
        for last in self._mark.noted():
            since = released_at is not None and released_at >= last.at
            if not since and not self._is_on_record(last):
                return HeldBecause.LOG_WENT_BACK
        known = record.version == 0 or self._mark.sender in record.may_send
        return None if known else HeldBecause.NEW_MACHINE

    def _is_on_record(self, last: LastAttempt) -> bool:
        found = self._register.events_of(last.delivery, gt=last.version - 1, lte=last.version)
        return any(
            isinstance(each.event, DeliveryAttempted) and each.envelope.recorded_at == last.at
            for each in found
        )
