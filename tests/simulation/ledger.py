"""What the log says, read with one pair of eyes and kept in the order in which it came."""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from domain.alerts import AlertRaised, AlertWithdrawn
from domain.desk.deliveries import DeliveryAnswered, DeliveryState
from domain.desk.events import DeskEvent, EscalationStepFired
from domain.events import RecordedEvent
from domain.facts import Fact as StatedFact
from domain.findings import Finding, FindingWithdrawn
from domain.orders import FactRefused, OrderOpened
from domain.parked import EventParked
from spowatch.open_store import Store
from tests.simulation.alerts import AlertHeard
from tests.simulation.lives import Fact, Reckoning
from tests.simulation.patience import Patience
from tests.simulation.world import Violation, World

_PAGE = 1_000
_CLOCKED = ("started_at", "due_at")


@dataclass
class Ledger:
    """Raises `Violation` for what must not be on the log at all: twice, too soon, with a gap."""

    world: World
    store: Store
    facts: Mapping[str, Fact]
    """Whatever will be told, by its command id."""
    at: sqlite3.Connection
    """The log's file: it knows at once whether anybody wrote to it."""
    position: int = 0
    orders: dict[UUID, str] = field(default_factory=dict)
    on_record: dict[str, Reckoning] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    _stated: set[tuple[str, UUID]] = field(default_factory=set)
    findings: dict[tuple[UUID, int], RecordedEvent[Finding]] = field(default_factory=dict)
    withdrawn: set[tuple[UUID, int]] = field(default_factory=set)
    alerts: dict[UUID, AlertHeard] = field(default_factory=dict)
    patience: dict[UUID, Patience] = field(default_factory=dict)
    raised: dict[tuple[UUID, str], UUID] = field(default_factory=dict)
    accepted: set[UUID] = field(default_factory=set)
    topics: Counter[str] = field(default_factory=Counter)
    _versions: Counter[UUID] = field(default_factory=Counter)
    _digest: Any = field(default_factory=hashlib.sha256)
    _data_version: int | None = None

    def read(self) -> int:
        """Take in what is new; how much."""
        [(version,)] = self.at.execute("PRAGMA data_version")
        if version == self._data_version:
            return 0
        self._data_version, before = version, self.position
        while page := self._page():
            for stored in page:
                self.position = stored.id
                self._take(self.store.mapper.to_domain_event(stored))
            if len(page) < _PAGE:
                break
        return self.position - before

    @property
    def digest(self) -> str:
        """The hash of the whole history; of what it says, not of the bytes it is sealed in."""
        return str(self._digest.hexdigest())

    def standing(self) -> Iterator[RecordedEvent[Finding]]:
        return (found for at, found in self.findings.items() if at not in self.withdrawn)

    def _page(self) -> Sequence[Any]:
        return self.store.log.select_notifications(self.position, _PAGE, inclusive_of_start=False)

    def _take(self, recorded: RecordedEvent[Any]) -> None:
        stream, version = recorded.originator_id, recorded.originator_version
        self._digest.update(f"{stream} {version} {recorded.topic}".encode())
        self._digest.update(f"{recorded.envelope}".encode())
        self._digest.update(recorded.event.model_dump_json().encode())
        self.topics[recorded.topic] += 1
        self._versions[stream] += 1
        _must(version == self._versions[stream], f"{stream} goes on with version {version}")
        self._not_early(recorded)
        self._filed(recorded, recorded.event)

    def _not_early(self, recorded: RecordedEvent[Any]) -> None:
        event = recorded.event
        if isinstance(event, Finding | DeskEvent):
            due = next((at for each in _CLOCKED if (at := getattr(event, each, None))), None)
            early = due is not None and due > self.world.clocks.wall()
            _must(not early, f"{recorded.topic} is due at {due} and on record before")

    def _filed(self, recorded: RecordedEvent[Any], event: Any) -> None:
        at = recorded.originator_id, recorded.originator_version
        match event:
            case OrderOpened():
                self.orders[at[0]] = event.reference
            case StatedFact() | FactRefused():
                self._told(recorded)
            case Finding():
                self.findings[at] = recorded
            case FindingWithdrawn():
                self.withdrawn.add((at[0], event.finding_version))
            case _:
                self._of_the_works(recorded, event)

    def _of_the_works(self, recorded: RecordedEvent[Any], event: Any) -> None:
        stream = recorded.originator_id
        match event:
            case AlertRaised():
                self._raised(recorded)
            case DeliveryAnswered() if event.state is DeliveryState.ACCEPTED:
                self.accepted.add(stream)
            case EventParked():
                _must(holds=False, claim=f"a record of {event.stream_id} was parked: {event.fault}")
            case _:
                pass
        if stream in self.alerts:
            self._desk(recorded)

    def _told(self, recorded: RecordedEvent[Any]) -> None:
        """What is true of the person stands with the person and with the order, once each."""
        command, stream = recorded.envelope.command_id, recorded.originator_id
        if command is None:
            return
        _must((command, stream) not in self._stated, f"{command} is on record twice")
        refused = isinstance(recorded.event, FactRefused)
        _must(not refused, f"{command} was refused: {recorded.event}")
        self._stated.add((command, stream))
        if stream in self.orders:
            self.told.add(command)
            fact = self.facts[command]
            self.on_record.setdefault(fact.order, Reckoning()).learn(fact)

    def _raised(self, recorded: RecordedEvent[AlertRaised]) -> None:
        alert, raised = recorded.originator_id, recorded.event
        _must((raised.cause, raised.rule) not in self.raised, f"a second {raised.code}")
        causes = {cause_at(*at) for at in self.findings}
        _must(raised.cause in causes, f"{raised.code} has no cause on record")
        self.raised[raised.cause, raised.rule] = alert
        self.alerts[alert] = AlertHeard(raised.reference, raised.priority)
        self.patience[alert] = Patience()

    def _desk(self, recorded: RecordedEvent[Any]) -> None:
        alert = recorded.originator_id
        if isinstance(recorded.event, EscalationStepFired):
            self.patience[alert].fires_once(recorded.event)
        if isinstance(recorded.event, AlertWithdrawn):
            _must(self.alerts[alert].withdrawn is None, f"{alert} was withdrawn twice")
        self.alerts[alert].hears(recorded.topic, recorded.event)
        self.patience[alert].hears(recorded.event, recorded.envelope.recorded_at)


def cause_at(stream: UUID, version: int) -> UUID:
    """The id of the event that stands there, as the published schema says it is made."""
    return uuid5(stream, str(version))


def _must(holds: bool, claim: str) -> None:  # noqa: FBT001 - a claim, and whether it holds
    if not holds:
        raise Violation(claim)
