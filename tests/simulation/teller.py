"""Courts and officers: they tell what happened, repeat what was not answered, and sometimes say it twice."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from domain.submissions import Submission
from domain.vocabulary import read_statement
from spowatch.open_store import Store
from spowatch.wiring.store import opened
from tests.simulation.deaths import Died, dying, failing
from tests.simulation.lives import Fact
from tests.simulation.world import Violation, World


@dataclass
class Teller:
    """Each fact is told until it is answered for."""

    world: World
    answered: dict[str, tuple[object, ...]] = field(default_factory=dict)
    _expected: dict[str, list[str]] = field(default_factory=dict)
    """Of each order, in the order in which they are told."""
    _stack: ExitStack = field(default_factory=ExitStack)
    _store: Store | None = None

    def expect(self, fact: Fact) -> None:
        self._expected.setdefault(fact.order, []).append(fact.command_id)
        self.world.when(fact.told_at, partial(self.tell, fact))

    def tell(self, fact: Fact) -> None:
        """What was told before of the same order stays before it: people wait for their answer."""
        if self._waits(fact):
            self._again(fact)
        else:
            self._tell(fact)

    def _tell(self, fact: Fact) -> None:
        lines = int(2 ** self.world.rng.uniform(0, 10))
        fate = self.world.rng.random()
        state = partial(self._state, fact)
        try:
            if self.world.calm or fate > 0.1:
                answer = state()
            elif fate > 0.05:
                answer = dying(lines, state)
            else:
                answer = failing(lines, state)
        except Died:
            self.world.bit["died as it was told"] += 1
            self._store = None
            self._stack.close()
            self._again(fact)
        except Exception as fault:
            if "disk I/O error" not in str(fault):
                raise
            self.world.bit["disk failed as it was told"] += 1
            self._again(fact)
        else:
            self._taken(fact, answer)

    def _waits(self, fact: Fact) -> bool:
        """A clock set forward brings two of them at once, and the first may find no disk."""
        told = self._expected[fact.order]
        return any(each not in self.answered for each in told[: told.index(fact.command_id)])

    def close(self) -> None:
        self._stack.close()

    def _again(self, fact: Fact) -> None:
        self.world.soon(0.01, 60, partial(self.tell, fact))

    def _taken(self, fact: Fact, answer: tuple[object, ...]) -> None:
        first = self.answered.setdefault(fact.command_id, answer)
        if first != answer:
            msg = f"{fact.command_id} was answered {first}, then {answer}"
            raise Violation(msg)
        if self.world.chance(0.1):
            self.world.bit["told again"] += 1
            self.world.soon(0.01, 86_400, partial(self.tell, fact))

    def _state(self, fact: Fact) -> tuple[object, ...]:
        if self._store is None:
            self._stack = ExitStack()
            self._store = self._stack.enter_context(opened(self.world.settings, self.world.meters))
        submission = Submission(fact.order, [read_statement(fact.raw())], force="Kent")
        now = self.world.clocks.wall()
        (answer,) = self._store.register.state(submission, entered_at=now)
        return answer.order_id, answer.event_ids, answer.refused_as
