"""What must be so whenever somebody is there to see to it, and what must be so in the end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from domain.findings import BreachRecorded, NotificationMissed
from tests.simulation.actors import Actor
from tests.simulation.alerts import AlertHeard
from tests.simulation.clocks import START
from tests.simulation.ledger import Ledger, cause_at
from tests.simulation.rules import codes_of
from tests.simulation.world import Violation, World

LIMIT = timedelta(seconds=10)
"""What a healthy process owes is done by then; true seconds, not those on the wall."""

_ROADS, _SWEEPERS = ("desk", "reconciler"), ("sweeper", "second sweeper")
Owed = tuple[str, tuple[str, ...]]
"""What is missing, and who would each be enough to see to it."""


@dataclass
class Oracle:
    """Looks on; what is owed is counted from when it was first seen to be missing."""

    world: World
    ledger: Ledger
    actors: dict[str, Actor]
    next_look: timedelta = timedelta(0)
    _since: dict[Owed, timedelta] = field(default_factory=dict)
    _furthest: datetime = START
    """What is due is judged by the wall: what came to be due by a wrong one stays when it is put right."""

    def look(self) -> None:
        """Raises `Violation` when what is owed was left though somebody was fit to see to it."""
        now = self.world.clocks.elapsed
        self._since = {each: self._since.get(each, now) for each in self._owed()}
        for (what, by), since in self._since.items():
            actors = [self.actors[name] for name in by]
            fit = [now - max(since, each.fit_since) for each in actors if each.up]
            if max(fit, default=timedelta(0)) > LIMIT:
                msg = f"{what}: owed for {now - since} by {' or '.join(by)}"
                raise Violation(msg)
        self.next_look = self._looks_again()

    def settled(self) -> None:
        """Nothing at all is owed. Raises `Violation`."""
        for what, by in self._owed():
            msg = f"{what}: still owed in the end by {' or '.join(by)}"
            raise Violation(msg)

    def _looks_again(self) -> timedelta:
        elapsed, wall = self.world.clocks.elapsed, self.world.clocks.wall()
        if self._since:
            return elapsed + timedelta(seconds=3)
        dues = (each.next_due(wall) for each in self.ledger.on_record.values())
        coming = [self.world.clocks.until(due) for due in dues if due is not None]
        return elapsed + min(coming, default=timedelta(days=365)) + timedelta(seconds=1)

    def _owed(self) -> Iterator[Owed]:
        yield from self._owed_alerts()
        yield from self._owed_by_the_law()
        for alert, heard in self.ledger.alerts.items():
            if self._neglected(alert, heard):
                yield f"priority 1 alert {heard.reference} {alert} is in nobody's hands", _SWEEPERS

    def _owed_alerts(self) -> Iterator[Owed]:
        """Exactly one for each finding: the ledger refuses a second."""
        ledger = self.ledger
        for at, found in ledger.findings.items():
            for code in codes_of(found.event):
                alert = ledger.raised.get((cause_at(*at), f"{code.lower()}.v1"))
                order = ledger.orders[at[0]]
                if alert is None:
                    yield f"no {code} on {order} for version {at[1]}", _ROADS
                elif at in ledger.withdrawn and ledger.alerts[alert].withdrawn is None:
                    yield f"{code} on {order} was not withdrawn", _ROADS

    def _owed_by_the_law(self) -> Iterator[Owed]:
        shown = self.world.clocks.wall()
        self._furthest = max(self._furthest, shown)
        missed: dict[str, set[datetime]] = {}
        broken: dict[str, list[str]] = {}
        for found in self.ledger.standing():
            order = self.ledger.orders[found.originator_id]
            if isinstance(found.event, NotificationMissed):
                missed.setdefault(order, set()).add(found.event.due_at)
            elif isinstance(found.event, BreachRecorded):
                broken.setdefault(order, []).append(found.event.incident)
        for order, reckoning in self.ledger.on_record.items():
            on_record = missed.get(order, set())
            silent = reckoning.missed(shown) - on_record
            early = on_record - reckoning.missed(self._furthest)
            for due in silent | early:
                yield f"notification missed by {due:%d %b %H:%M} on {order}", _SWEEPERS
            if sorted(reckoning.broken()) != sorted(broken.get(order, [])):
                msg = f"breaches on {order}: {reckoning.broken()}, on record {broken.get(order)}"
                raise Violation(msg)

    def _neglected(self, alert: UUID, heard: AlertHeard) -> bool:
        return heard.urgent and self.ledger.patience[alert].over(self.world.clocks.wall())
