"""Decisions to hold alerts back: taken, ended, and asked for by whoever raises an alert."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

from eventsourcing.persistence import MapperDeserialisationError

from domain.alerts import AlertRaised, Priority
from domain.brought import NOTHING_BROUGHT, Brought
from domain.desk.case import AlertCase
from domain.desk.hands import Hand
from domain.desk.reading import must_be_on_duty
from domain.desk.rota import Rota
from domain.desk.suppressions import Decision, Proposal, Suppressions, Wish, suppressions_stream
from domain.register import OrderRegister

_T = TypeVar("_T")


class SuppressionDesk:
    """Takes decisions and ends them; holds back what is raised meanwhile."""

    def __init__(
        self, register: OrderRegister, *, rotas: Mapping[str, Rota] = MappingProxyType({})
    ) -> None:
        """By force; where a force has no rota, nobody is asked whether they are on duty."""
        self._register = register
        self._rotas = rotas
        self._known: dict[str, Suppressions] = {}

    def of(self, force: str, brought: Brought = NOTHING_BROUGHT) -> Suppressions:
        """What that force has decided so far; only what is new is read, where it was not `brought`."""
        known = self._known.setdefault(force, Suppressions(suppressions_stream(force)))
        if known.id in brought:
            news = [s for s in brought[known.id] if s.originator_version > known.version]
            known.fold(self._register.read_back(news))
        else:
            known.fold(self._register.events_of(known.id, gt=known.version))
        return known

    def versions(self) -> dict[UUID, int]:
        """The stream of each force it was asked about, and how far that was read."""
        return {each.id: each.version for each in self._known.values()}

    def decide(self, wish: Wish, hand: Hand, now: datetime) -> Decision:
        """Raises `Refused` when it is too wide, too long, or not this person's to take."""
        return self._kept(hand, now, lambda decided: decided.decide(wish, hand, now))

    def propose(self, wish: Wish, hand: Hand, now: datetime) -> Proposal:
        """Raises `Refused` as `decide` does; it holds nothing before another supervisor agrees."""
        return self._kept(hand, now, lambda decided: decided.propose(wish, hand, now))

    def agree(self, proposal: UUID, hand: Hand, now: datetime) -> Decision:
        """Raises `Refused` to who proposed it, and when nothing waits under that name any more.

        Raises `IntegrityError`, with nothing saved, when somebody else wrote at the same moment.
        """
        return self._kept(hand, now, lambda decided: decided.agree(proposal, hand, now))

    def end(
        self, decision: UUID, hand: Hand, open_alerts: Iterable[AlertCase], now: datetime
    ) -> None:
        """Of what it held people are told from now on. Raises `Refused` when there is no such decision.

        Raises `IntegrityError`, with nothing saved, when somebody wrote to one of the alerts meanwhile.
        """
        must_be_on_duty(self._rotas, hand, now)
        suppressions = self._fresh(hand.force)
        suppressions.end(decision, hand, now)
        released = [case for case in open_alerts if case.release(decision, now)]
        self._register.keep([suppressions, *released])

    def hold_back(self, case: AlertCase, now: datetime, brought: Brought = NOTHING_BROUGHT) -> None:
        """Hold an alert that was raised just now, if a decision on record says so."""
        decision = None if case.raised is None else self._holding(case.raised, now, brought)
        if decision is not None:
            case.hold(decision.id, decision.ends, now)

    def _holding(self, raised: AlertRaised, now: datetime, brought: Brought) -> Decision | None:
        """Nothing is read for an alert that can never be held; what nobody can read holds nothing."""
        if raised.condition is None or raised.priority == Priority.IMMEDIATE:
            return None
        try:
            return self.of(raised.force, brought).holding(raised, now)
        except MapperDeserialisationError:
            return None

    def _kept(self, hand: Hand, now: datetime, act: Callable[[Suppressions], _T]) -> _T:
        """What `act` came to on what the person's force has decided, saved; they must be on duty."""
        must_be_on_duty(self._rotas, hand, now)
        suppressions = self._fresh(hand.force)
        came = act(suppressions)
        self._register.keep([suppressions])
        return came

    def _fresh(self, force: str) -> Suppressions:
        return self._register.read(Suppressions(suppressions_stream(force)))
