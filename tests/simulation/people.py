"""People at the desk: they hear the console, take some alerts and leave others, and do not always finish."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from domain.desk import steps
from domain.desk.desk import AlertDesk
from domain.desk.events import Answered
from domain.desk.hands import DeskRole, Hand
from domain.desk.outcomes import ASKED, OutcomeCode
from domain.desk.suppression_desk import SuppressionDesk
from domain.desk.suppressions import SuppressionKind, Wish
from domain.open_alerts import open_alerts
from domain.refusals import Refused
from spowatch.open_store import Store
from spowatch.wiring.store import opened
from tests.simulation.world import World

_OPERATORS = tuple(Hand(f"K{n}", DeskRole.OPERATOR, "Kent", "CR-1") for n in (1, 2, 3))
_SUPERVISOR = Hand("K9", DeskRole.SUPERVISOR, "Kent", "CR-2")
_ESSEX = Hand("E1", DeskRole.OPERATOR, "Essex", "CR-9")
_ROAD = ("task", "attending", "tell", "outcome", "review", "close")


@dataclass
class People:
    """Whatever they do goes through the desk, as from a screen; a refusal is heard and left at that."""

    world: World
    _stack: ExitStack = field(default_factory=ExitStack)
    _store: Store | None = None

    def hears(self, said: dict[str, Any]) -> None:
        """What the console says: of every four alerts three are taken, some only when it is said again."""
        if "alert" not in said or said["what"] not in {"raised", "escalated", "resounded"}:
            return
        alert = UUID(said["alert"])
        if self.world.rng.random() < (0.75 if said["what"] != "escalated" else 0.4):
            hand = self.world.rng.choice(_OPERATORS)
            self.world.soon(4, 3_000, partial(self._takes, alert, hand))

    def plan_holds(self, days: int) -> None:
        for _ in range(self.world.rng.choice((1, 2, 4))):
            at = timedelta(days=self.world.rng.uniform(0.1, 0.7) * days)
            self.world.when(self.world.clocks.wall() + at, self._holds)

    def close(self) -> None:
        self._stack.close()

    @property
    def store(self) -> Store:
        if self._store is None:
            self._store = self._stack.enter_context(opened(self.world.settings, self.world.meters))
        return self._store

    def _takes(self, alert: UUID, hand: Hand) -> None:
        if not self._do(alert, hand, steps.Acknowledge()):
            return
        if self.world.rng.random() < 0.08:
            self._offers(alert, hand)
        elif self.world.rng.random() < 0.08:
            self._grades(alert)
        self.world.soon(20, 2_000, partial(self._goes_on, alert, hand, 0))

    def _goes_on(self, alert: UUID, hand: Hand, at: int) -> None:
        """One in ten forgets about it at every step: then the lease must run out."""
        if at == len(_ROAD) or self.world.rng.random() < 0.1:
            return
        by = _SUPERVISOR if _ROAD[at] in {"review", "close"} else hand
        self._do(alert, by, self._step(_ROAD[at], alert))
        self.world.soon(20, 2_000, partial(self._goes_on, alert, hand, at + 1))

    def _step(self, name: str, alert: UUID) -> steps.Step:
        match name:
            case "task":
                return steps.SendUnit(unit="KA12", incident="1-2")
            case "attending":
                return steps.Attend(unit="KA12")
            case "tell":
                return steps.TellProtected(how="telephone", reached=self.world.rng.random() < 0.7)
            case "outcome":
                return steps.Conclude(outcome=OutcomeCode.ARRESTED, reference="CUS-1")
            case "review":
                return steps.Review()
            case _:
                asked = ASKED[AlertDesk(self.store.register).case(alert).alert_class]
                answers = tuple(Answered(question=q, yes=True, reference="C-1") for q in asked)
                return steps.Close(answers=answers, not_told_because="no safe way")

    def _offers(self, alert: UUID, hand: Hand) -> None:
        self._do(alert, hand, steps.Offer(to_force="Essex", reason="lives there"))
        answer = self.world.rng.choice(
            (steps.Accept(priority=2), steps.Reject(reason="not ours"), None)
        )
        if answer is not None:
            self.world.soon(10, 250, partial(self._do, alert, _ESSEX, answer))

    def _grades(self, alert: UUID) -> None:
        to = self.world.rng.choice((1, 2, 3, 4))
        graded = steps.SetPriority.model_validate({"priority": to, "reason": "seen"})
        self._do(alert, _SUPERVISOR, graded)

    def _do(self, alert: UUID, hand: Hand, step: steps.Step) -> bool:
        """Whether it was done."""
        try:
            AlertDesk(self.store.register).do(alert, hand, self.world.clocks.wall(), step)
        except (Refused, IntegrityError):
            return False
        self.world.bit[f"people: {step.NAME}"] += 1
        return True

    def _holds(self) -> None:
        """A tag is being replaced: for two hours nobody need be told of these terms."""
        lasts = timedelta(hours=self.world.rng.choice((0.5, 2, 4)))
        wish = Wish(SuppressionKind.MAINTENANCE, ["P-CONTACT-DIRECT"], "tag replaced", lasts)
        desk = SuppressionDesk(self.store.register)
        decision = desk.decide(wish, _SUPERVISOR, self.world.clocks.wall())
        self.world.bit["people: hold"] += 1
        if self.world.rng.random() < 0.4:
            ends = self.world.clocks.wall() + lasts / 2
            self.world.when(ends, partial(self._ends_hold, decision.id))

    def _ends_hold(self, decision: UUID) -> None:
        register, now = self.store.register, self.world.clocks.wall()
        try:
            SuppressionDesk(register).end(decision, _SUPERVISOR, open_alerts(register), now)
        except (Refused, IntegrityError):
            return
        self.world.bit["people: end hold"] += 1
