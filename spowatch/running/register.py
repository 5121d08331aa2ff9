"""The register of roles: what each is, when it is wanted, and how it is opened.

A new role is one entry here and the function that opens it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from spowatch.open_store import Store
from spowatch.settings.root import KafkaTransport, Settings
from spowatch.wiring.desk import the_desk, the_episodes, the_second_road
from spowatch.wiring.line import testing_the_line
from spowatch.wiring.measuring import measuring
from spowatch.wiring.outward import OTHER, RECEIPTS, URGENT, collecting, lane, lanes_named, lanes_of
from spowatch.wiring.projections import projecting
from spowatch.wiring.seal import sealing
from spowatch.wiring.staffing import staffing
from spowatch.wiring.store import delivering, now, sweeping
from spowatch.wiring.transport import taking_in, telling_the_broker

Show = Callable[[dict[str, Any]], None]
Clock = Callable[[], datetime]
Work = Callable[[float], int]
"""One unit of work, waiting for it at most so many seconds; how much there was."""


class Worker(Protocol):
    def work(self, wait: float) -> int: ...


@dataclass(frozen=True, slots=True)
class Opening:
    """What a role is opened with. `name` says which one of several: `outward:webhook`."""

    name: str
    store: Store
    show: Show
    clock: Clock


def the_pages(store: Store, show: Show, clock: Clock) -> AbstractContextManager[Worker]:
    """What serves them takes half a second to load, so it is loaded where they are served."""
    from spowatch.serving.web import serving

    return serving(store, show, clock)


def _always(settings: Settings) -> bool:
    return True


def _with_a_broker(settings: Settings) -> bool:
    return isinstance(settings.transport, KafkaTransport)


def _with_a_policy(settings: Settings) -> bool:
    return settings.policy is not None


def _with_metrics(settings: Settings) -> bool:
    return settings.metrics is not None


def _when_named(settings: Settings) -> bool:
    """Or as one of several, one for each receiver: `lanes_of`."""
    return False


@dataclass(frozen=True, slots=True)
class Role:
    """`wanted`: whether `run` without names starts it. `many`: any number may run in one directory."""

    name: str
    opens: Callable[[Opening], AbstractContextManager[Worker]]
    wanted: Callable[[Settings], bool] = _always
    many: bool = False


REGISTER = (
    Role("alert", lambda o: the_desk(o.store, o.clock)),
    Role("reconcile", lambda o: the_second_road(o.store, o.clock)),
    Role("deliver", lambda o: delivering(o.store, o.show, o.clock)),
    Role("sweep", lambda o: sweeping(o.store, o.clock), many=True),
    Role("project", lambda o: projecting(o.store, o.clock), many=True),
    Role("episodes", lambda o: the_episodes(o.store, o.clock), many=True),
    Role("line-test", lambda o: testing_the_line(o.store, o.clock), many=True),
    Role("seal", lambda o: sealing(o.store, o.clock)),
    Role("api", lambda o: the_pages(o.store, o.show, o.clock), many=True),
    Role("measure", lambda o: measuring(o.store, o.clock), _with_metrics, many=True),
    Role("staffing", lambda o: nullcontext(staffing(o.store, o.clock)), _with_a_policy, many=True),
    Role("relay", lambda o: telling_the_broker(o.store), _with_a_broker, many=True),
    Role("intake", lambda o: taking_in(o.store, o.clock), _with_a_broker),
    Role(URGENT, lambda o: lane(o.name, o.store, o.clock), _when_named, many=True),
    Role(OTHER, lambda o: lane(o.name, o.store, o.clock), _when_named, many=True),
    Role(RECEIPTS, lambda o: collecting(o.store, o.clock), _when_named, many=True),
)
EVERY_ROLE = tuple(each.name for each in REGISTER)


@contextmanager
def role(name: str, store: Store, show: Show, clock: Clock = now) -> Iterator[Work]:
    """One role's unit of work, with what it opened closed at the end.

    Raises `ValueError` for a role that there is not, or that these settings cannot have.
    """
    with named(name).opens(Opening(name, store, show, clock)) as worker:
        yield worker.work


def named(name: str) -> Role:
    """The role of that name, or of the lane it begins with. Raises `ValueError`."""
    for each in REGISTER:
        if each.name == name.partition(":")[0]:
            return each
    msg = f"no role {name!r}; there are {', '.join(EVERY_ROLE)}"
    raise ValueError(msg)


def roles_of(settings: Settings) -> tuple[str, ...]:
    """What `run` starts when no role is named."""
    return (*(each.name for each in REGISTER if each.wanted(settings)), *lanes_of(settings))


def named_roles(names: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """The roles meant: `outward` is the lane of every receiver. Raises `SettingsError`."""
    return tuple(each for name in names for each in lanes_named(name, settings))
