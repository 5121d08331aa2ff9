"""A store with breaches, and an endpoint outside that is told of them."""

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from consumers.channels.message import Recipient
from consumers.channels.posting import PostingChannel
from consumers.channels.webhook import WEBHOOK
from consumers.outward_lane import Lane
from consumers.outward_receiver import Receiver
from consumers.recipients import Settled
from consumers.sender_mark import SenderMark
from consumers.sending_guard import SendingGuard
from domain.desk.receivers import ReceiverRecord, receiver_stream
from spowatch.open_store import Store
from tests.servers.receiver import Receiver as Endpoint
from tests.stories import NOW, breach, served_order, tell, work_until_idle

KEY = SecretStr("whsec_" + "A" * 43 + "=")


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **passed: float) -> None:
        self.now += timedelta(**passed)


class AnsweredFirst(ThreadPoolExecutor):
    """Nothing else is done before an attempt has ended, as on a machine with nothing else to do.

    A lane waits a tenth of a second for an answer and then does others beside it: on a busy machine that would
    be every one, and how many attempts are made before it is known that none is taken would be anybody's guess.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        begun = super().submit(fn, *args, **kwargs)
        wait([begun])
        return begun


def answered_first(lane: Lane) -> Lane:
    lane._senders._threads = AnsweredFirst()
    return lane


@dataclass
class Outside:
    """A store with breaches, and an endpoint that is told of them."""

    store: Store
    endpoint: Endpoint
    clock: Clock = field(default_factory=Clock)
    hanging: bool = False
    """Whether attempts that hang are what the test is about."""

    def lane(self, *, urgent: bool = False, **about: object) -> Lane:
        channel = PostingChannel("webhook", WEBHOOK, [KEY], lambda: datetime.now(UTC), inside=True)
        to = Settled((Recipient("cad", SecretStr(self.endpoint.url)),))
        return self.lane_to(Receiver("cad", channel, to, **about), urgent=urgent)  # type: ignore[arg-type]  # given by name, as the receiver has them

    def lane_to(self, receiver: Receiver, *, urgent: bool = False) -> Lane:
        mark = SenderMark(self.store.settings.data_dir)
        guard = SendingGuard(self.store.register, mark, self.clock)
        events, register = self.store.events, self.store.register
        record = register.read(ReceiverRecord(receiver_stream(receiver.name)))
        record.begin(receiver.name, 0, self.clock())
        register.keep([record])
        lane = Lane(receiver, self.store.register, events, self.clock, guard, urgent=urgent)
        return lane if self.hanging else answered_first(lane)

    def breaches(self, count: int) -> None:
        """One an order, so that each is of priority 2."""
        for number in range(count):
            at = datetime(2026, 11, 22 + number, 21, tzinfo=UTC) + timedelta(days=number)
            reported = (at + timedelta(hours=1)).isoformat()
            broken = breach(at.isoformat(), t=reported, incident=f"I-{number}")
            tell(self.store, f"KENT-{number + 1}", *served_order(), broken)
        work_until_idle(self.store, "alert")

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(each.body) for each in self.endpoint.reached]

    @property
    def ids(self) -> list[str]:
        return [each.headers["webhook-id"] for each in self.endpoint.reached]
