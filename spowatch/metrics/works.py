"""What the log says of the works themselves: deliveries, receivers, parked records, audits, silent stages."""

from collections import Counter, OrderedDict
from uuid import UUID

from domain.desk.deliveries import (
    DeliveryAnswered,
    DeliveryNotTaken,
    DeliveryQueued,
    DeliveryState,
    DeliveryUnanswered,
)
from domain.desk.receivers import ReceiverFailing, ReceiverGone, ReceiverWorking
from domain.events import Event, RecordedEvent
from domain.line_tests import StageHeard, StageRetired, StageSilent
from domain.parked import EventDiscarded, EventParked, EventRedriven
from domain.sheet_audits import SheetAudited
from domain.unread import MessageUnread
from spowatch.metrics.desk import DeskMeters

STANDING = frozenset(
    kind.TOPIC
    for kind in (
        EventDiscarded,
        EventParked,
        EventRedriven,
        ReceiverFailing,
        ReceiverGone,
        ReceiverWorking,
        SheetAudited,
        StageHeard,
        StageRetired,
        StageSilent,
    )
)
"""What says how things stand, whenever it was recorded."""

OF_THE_WORKS = STANDING | {
    kind.TOPIC
    for kind in (
        DeliveryAnswered,
        DeliveryNotTaken,
        DeliveryQueued,
        DeliveryUnanswered,
        MessageUnread,
    )
}
UNANSWERED, ELSEWHERE = "unanswered", "unknown"
_OUTCOMES = (DeliveryState.ACCEPTED, DeliveryState.WAITING, DeliveryState.FAILED, UNANSWERED)
_ON_THE_WAY = 10_000


class WorksMeters:
    def __init__(self, meters: DeskMeters) -> None:
        self._meters = meters
        self._channels: OrderedDict[UUID, str] = OrderedDict()
        self._parked: dict[UUID, str] = {}
        self._failing: set[UUID] = set()

    def happened(self, recorded: RecordedEvent) -> None:
        match recorded.event:
            case DeliveryQueued() as queued:
                self._queued(recorded.originator_id, queued.channel)
            case DeliveryAnswered() as answered:
                self._attempted(recorded.originator_id, str(answered.state))
            case DeliveryUnanswered():
                self._attempted(recorded.originator_id, UNANSWERED)
            case DeliveryNotTaken() as not_taken:
                self._meters.not_taken.labels(not_taken.channel).inc()
            case MessageUnread():
                self._meters.unreadable.inc()
            case _:
                self.stands(recorded)

    def stands(self, recorded: RecordedEvent) -> None:
        """Of what says how things stand from here on."""
        match recorded.event:
            case EventParked() as parked:
                self._meters.parked.labels(parked.reader)
                self._parked[recorded.originator_id] = parked.reader
                self._tell_parked()
            case EventRedriven() | EventDiscarded():
                self._parked.pop(recorded.originator_id, None)
                self._tell_parked()
            case SheetAudited() as audited:
                self._meters.audited.set(recorded.envelope.entered_at.timestamp())
                self._meters.differences.set(audited.missing + audited.surplus)
            case StageSilent() | StageHeard() | StageRetired() as stage:
                self._meters.silent.labels(stage.stage).set(isinstance(stage, StageSilent))
            case event:
                self._of_a_receiver(recorded.originator_id, event)

    def _of_a_receiver(self, receiver: UUID, event: Event) -> None:
        if isinstance(event, ReceiverFailing | ReceiverGone):
            self._failing.add(receiver)
        elif isinstance(event, ReceiverWorking):
            self._failing.discard(receiver)
        self._meters.receivers_failing.set(len(self._failing))

    def _queued(self, delivery: UUID, channel: str) -> None:
        """Its series are there at zero, so that the first failure is an increase."""
        for outcome in _OUTCOMES:
            self._meters.attempts.labels(channel, str(outcome))
        self._meters.not_taken.labels(channel)
        self._channels[delivery] = channel
        if len(self._channels) > _ON_THE_WAY:
            self._channels.popitem(last=False)

    def _attempted(self, delivery: UUID, outcome: str) -> None:
        channel = self._channels.get(delivery, ELSEWHERE)
        self._meters.attempts.labels(channel, outcome).inc()

    def _tell_parked(self) -> None:
        counted = Counter(self._parked.values())
        for reader in set(counted) | self._readers():
            self._meters.parked.labels(reader).set(counted[reader])

    def _readers(self) -> set[str]:
        [family] = self._meters.parked.collect()
        return {sample.labels["reader"] for sample in family.samples}
