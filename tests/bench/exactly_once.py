"""L9: commands that are repeated, cut off after their commit and raced leave what one leaves."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Protocol, cast

from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent, Tracking

from deploy.postgres.server import Cluster, running
from domain.commands import Answer
from domain.facts import Fact
from domain.orders import FactRefused
from domain.register import OrderRegister
from domain.submissions import Submission
from domain.upcasters import UPCASTERS
from spowatch.store.factory import LogFactory
from spowatch.store.keys_sqlite import migrate_keys, sqlite_keys
from spowatch.store.log_postgres import PostgresLog
from spowatch.store.log_schema import migrate_log
from spowatch.store.log_sqlite import SqliteLog
from spowatch.store.mapper import EventMapper
from spowatch.store.shelf import Shelf
from tests.bench.log_bench import Figure, seconds
from tests.bench.registers import NOW, breach, statement
from tests.store.postgres.places import made

COMMANDS = 100_000
QUICK = 3_000
A_BATCH = 5
BATCHES_AN_ORDER = 4
_MASTER = bytes(32)
_DAY = timedelta(days=1)
_HOME: dict[str, Any] = {
    "station_area": "home_address_area",
    "names": ["J Moss"],
    "home_address": "1 Larch Road",
}


class CutOff(OperationalError):
    """The connection was lost after the commit: the client does not know what became of it."""


class _Writes(Protocol):
    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int]: ...


class Cutting:
    """A log whose answer is lost now and then, when what was asked is already on disk."""

    rng: Random | None = None
    cut = 0

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        tracking: Tracking | None = None,
        **kwargs: Any,
    ) -> Sequence[int]:
        log = cast("_Writes", super())
        positions = log.insert_events(stored_events, tracking=tracking, **kwargs)
        if self.rng is not None and self.rng.random() < _CUT:
            self.cut += 1
            raise CutOff
        return positions


class CuttingFile(Cutting, SqliteLog):
    """In a file."""


class CuttingServer(Cutting, PostgresLog):
    """On a server."""


NewStore = Callable[[], AbstractContextManager["Opened"]]
_CUT, _REPEATED, _RACED, _REPLAYED = 0.05, 0.20, 0.10, 0.05


@dataclass(frozen=True, slots=True)
class Opened:
    log: CuttingFile | CuttingServer
    register: OrderRegister
    mapper: EventMapper


@dataclass(slots=True)
class Client:
    """Asks until it has an answer, and compares every answer with the first."""

    opened: Opened
    rng: Random
    first: dict[int, list[tuple[object, ...]]] = field(default_factory=dict)
    conflicts: int = 0
    asked: int = 0

    def play(self, submissions: Sequence[Submission], pool: ThreadPoolExecutor) -> None:
        for number, submission in enumerate(submissions):
            times = 1 + (self.rng.random() < _REPEATED)
            if self.rng.random() < _RACED:
                list(pool.map(lambda _, n=number, s=submission: self._ask(n, s), range(2)))
            for _ in range(times):
                self._ask(number, submission)
        for number in self.rng.sample(range(len(submissions)), int(len(submissions) * _REPLAYED)):
            self._ask(number, submissions[number])

    def _ask(self, number: int, submission: Submission) -> None:
        while True:
            self.asked += len(submission.statements)
            try:
                answers = self.opened.register.state(submission, entered_at=NOW)
            except CutOff:
                continue
            except IntegrityError:
                self.conflicts += 1
                return
            told = [_told(answer) for answer in answers]
            self.conflicts += self.first.setdefault(number, told) != told
            return


def _told(answer: Answer) -> tuple[object, ...]:
    return answer.order_id, answer.version, answer.event_ids, answer.refused_as


def submissions(commands: int) -> list[Submission]:
    """Batches of keyed facts, four to an order; a few are facts the register must refuse."""
    orders = commands // (A_BATCH * BATCHES_AN_ORDER)
    return [batch for number in range(orders) for batch in _batches(f"ONCE/{number}")]


def _batches(reference: str) -> Iterator[Submission]:
    made = NOW - 30 * _DAY
    named: dict[str, Any] = {"applicant": "chief_officer", "force": "Kent", "nexus": "resides"}
    terms = [{"code": "P-CONTACT-DIRECT"}]
    told: list[tuple[str, datetime, dict[str, Any]]] = [
        ("ApplicationMade", made - 20 * _DAY, named),
        ("FullOrderGranted", made, {"until": "further_order", "conditions": terms}),
        ("OrderServed", made + _DAY, {}),
        ("NotificationReceived", made + 2 * _DAY, _HOME),
        ("ApplicationMade", made + 3 * _DAY, named),  # refused: one to a reference
    ]
    first = [
        statement(kind, at, command_id=f"{reference}:{index}", **data)
        for index, (kind, at, data) in enumerate(told)
    ]
    yield Submission(reference, first, force="Kent")
    for batch in range(1, BATCHES_AN_ORDER):
        numbers = range(batch * A_BATCH, (batch + 1) * A_BATCH)
        some = [
            breach(made + (4 + n) * _DAY / 2, f"{reference}#{n}", f"{reference}:{n}")
            for n in numbers
        ]
        yield Submission(reference, some, force="Kent")


@contextmanager
def in_a_file() -> Iterator[Opened]:
    """A new store."""
    with TemporaryDirectory(prefix="once-") as name:
        path = Path(name) / "log.db"
        migrate_log(path)
        with closing(CuttingFile(path)) as log, _opened(log, Path(name)) as opened:
            yield opened


@contextmanager
def on_a_server(cluster: Cluster) -> Iterator[Opened]:
    """A new store in a database of its own."""
    place = made(cluster)
    with (
        TemporaryDirectory(prefix="once-") as name,
        closing(CuttingServer(place.writer, environment={})) as log,
        _opened(log, Path(name)) as opened,
    ):
        yield opened


@contextmanager
def _opened(log: CuttingFile | CuttingServer, folder: Path) -> Iterator[Opened]:
    migrate_keys(folder / "keys.db", _MASTER)
    with closing(sqlite_keys(folder / "keys.db", _MASTER)) as keys:
        mapper = EventMapper(keys, upcasters=UPCASTERS)
        yield Opened(log, OrderRegister(LogFactory(log, mapper), Shelf()), mapper)


def state_of(opened: Opened) -> tuple[str, int]:
    """A digest of every stream, whatever order they were written in; and facts recorded twice."""
    streams: dict[str, list[str]] = {}
    effects: Counter[tuple[str, str]] = Counter()
    after = 0
    while page := opened.log.select_notifications(after, 1000, inclusive_of_start=False):
        after = page[-1].id
        for row in page:
            told = opened.mapper.to_domain_event(row)
            stream, key = str(told.originator_id), told.envelope.command_id
            words = [told.originator_version, told.topic, told.event.model_dump(mode="json")]
            times = [told.envelope.occurred_at, told.envelope.recorded_at, key]
            line = json.dumps([*words, *times], default=str, sort_keys=True)
            streams.setdefault(stream, []).append(line)
            if key is not None and isinstance(told.event, Fact | FactRefused):
                effects[stream, key] += 1
    digest = hashlib.sha256(json.dumps(sorted(streams.items())).encode()).hexdigest()
    return digest, sum(times > 1 for times in effects.values())


@dataclass(frozen=True, slots=True)
class Outcome:
    """`differs`: whether the disturbed store ends in another state than the undisturbed one."""

    commands: int
    asked: int
    cut: int
    conflicts: int
    doubles: int
    differs: bool
    rate: float
    undisturbed_rate: float


def exactly_once(commands: int, store: NewStore = in_a_file, seed: int = 9) -> Outcome:
    batches = submissions(commands)
    with store() as quiet:
        took = seconds(lambda: [quiet.register.state(each, entered_at=NOW) for each in batches])
        expected, _ = state_of(quiet)
    with store() as opened, ThreadPoolExecutor(2) as pool:
        opened.log.rng = Random(seed)
        client = Client(opened, Random(seed))
        took_disturbed = seconds(lambda: client.play(batches, pool))
        found, doubles = state_of(opened)
        cut = opened.log.cut
    return Outcome(
        commands=commands,
        asked=client.asked,
        cut=cut,
        conflicts=client.conflicts,
        doubles=doubles,
        differs=found != expected,
        rate=client.asked / took_disturbed,
        undisturbed_rate=commands / took,
    )


def figures(commands: int = COMMANDS) -> Iterator[Figure]:
    yield from _figures("in a file", exactly_once(commands))


def server_figures(commands: int = COMMANDS) -> Iterator[Figure]:
    with running() as cluster:
        yield from _figures("PostgreSQL", exactly_once(commands, partial(on_a_server, cluster)))


def _figures(where: str, got: Outcome) -> Iterator[Figure]:
    ratio = got.rate / got.undisturbed_rate
    name = f"{got.commands:,} commands, disturbed, {where} (L9)"
    yield Figure(name, "commands/s", got.rate, got.undisturbed_rate, ratio, "", [got.rate])
    faults = got.conflicts + got.doubles + got.differs
    found = [got.asked, got.cut, got.conflicts, got.doubles, got.differs]
    yield Figure("false conflicts, doubles, other state", "count", faults, 0, 0, "0", found)
