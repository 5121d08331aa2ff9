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
    _stack: ExitStack = field(default_factory=ExitStack)
    _store: Store | None = None

    def expect(self, fact: Fact) -> None:
        self.world.when(fact.told_at, partial(self.tell, fact))

    def tell(self, fact: Fact) -> None:
        """What was told before of the same order stays before it: people wait for their answer."""
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
