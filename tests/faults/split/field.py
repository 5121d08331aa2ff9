"""One cell's system: a database and topics of its own, every role a process, facts going in."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import monotonic, sleep
from uuid import uuid4

from deploy.kafka.broker import HOST
from tests.faults.faked_clock import SteeredClock
from tests.faults.incidents import lives
from tests.faults.processes import Acknowledged, Feeder, Site
from tests.faults.split.ground import Ground
from tests.faults.split.kept import Kept
from tests.faults.split.planting import PROGRAM
from tests.faults.split.provider import Provider
from tests.faults.split.watch import Watch
from tests.program import SPOWATCH, run
from tests.servers.notify import Notify, notifying
from tests.servers.receiver import Receiver, receiving
from tests.store.postgres.places import Place, run_script, unmigrated

ROLES = ("sweep", "alert", "reconcile", "relay", "intake", "deliver")
LANES = ("outward-urgent:webhook", "outward:webhook")
TEXTS = ("outward-urgent:text", "outward:text", "receipts")
EVERY_ROLE = (*ROLES, "project", "episodes", "line-test", "seal", "measure", "api", *LANES)
"""But for those that need a policy or an account for text messages: they have cells of their own."""
_POLICY = """
version = 1
[[forces]]
force = "Kent"
must_be_filled = ["operator"]
shifts = [
  { role = "operator", days = "every", begin = "03:00", end = "03:15", staff = ["K1"] },
  { role = "supervisor", days = "every", begin = "07:00", end = "07:00", staff = ["K1"] },
  { role = "spoc", days = "every", begin = "07:00", end = "07:00", staff = ["K1"] },
  { role = "duty_officer", days = "every", begin = "07:00", end = "07:00", staff = ["K1"] },
  { role = "offender_manager", days = "every", begin = "07:00", end = "07:00", staff = ["K1"] },
]
[forces.people]
K1 = [{ channel = "console" }]
"""
"""Hardly ever is there an operator."""


def is_lane(name: str) -> bool:
    return name in LANES


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How a cell's system differs from the plainest one."""

    roles: Sequence[str] = ROLES
    broker_proxied: Sequence[str] = ()
    """Names of roles that reach the broker through the proxy."""
    database_proxied: Sequence[str] = ()
    steered: Sequence[str] = ()
    """Names of roles that each have a clock of their own, which can be stepped."""


@dataclass
class Field:
    ground: Ground
    folder: Path
    place: Place
    prefix: str
    program: Sequence[str]
    cwd: Path | None
    arrangement: Arrangement
    roles: dict[str, Kept] = field(default_factory=dict)
    feeders: list[Feeder] = field(default_factory=list)
    providers: list[Provider] = field(default_factory=list)
    notes: dict[str, object] = field(default_factory=dict)
    amiss: list[str] = field(default_factory=list)
    """Faults that a cell found by itself, beside those of the account."""
    watch: Watch | None = None
    clocks: dict[str, SteeredClock] = field(default_factory=dict)
    """Of each role that is steered."""
    receiver: Receiver | None = None
    """Outside, where a role sends to it."""
    notify: Notify | None = None
    """The same for text messages."""
    armed: int = 0
    forgotten: int = 0
    """Facts that were acknowledged, and that the database was made to forget."""
    _remembered: list[Acknowledged] = field(default_factory=list)

    @property
    def console(self) -> Path:
        return self.folder / "store" / "console.jsonl"

    @property
    def crash_mark(self) -> Path:
        """Made by the process that is armed, in the moment in which it goes."""
        return self.folder / f"crashed-{self.armed}"

    @property
    def bootstrap(self) -> str:
        return self.ground.kafka.bootstrap

    @property
    def acknowledged(self) -> list[Acknowledged]:
        """All that was taken, but for what the database was made to forget."""
        return [
            *self._remembered,
            *(item for each in self._tellers() for item in each.acknowledged),
        ]

    def _tellers(self) -> list[Feeder | Provider]:
        return [*self.feeders, *self.providers]

    def forget(self, since: float) -> None:
        """The database is as it was at that time; its watch and its tellers begin anew."""
        everything = self.acknowledged
        self._remembered = [item for item in everything if item.at < since]
        self.forgotten += len(everything) - len(self._remembered)
        self.feeders, self.providers = [], []
        if self.watch is not None:
            self.watch.forget_bookmarks()

    def site(self, name: str = "") -> Site:
        """As the role of that name sees it."""
        through_proxy = name in self.arrangement.broker_proxied
        kafka = self.ground.kafka
        settings = {
            "SPO_LOG__KIND": "postgres",
            "SPO_LOG__DSN": self._dsn(proxied=name in self.arrangement.database_proxied),
            "SPO_TRANSPORT__KIND": "kafka",
            "SPO_TRANSPORT__BOOTSTRAP": kafka.proxied_bootstrap
            if through_proxy
            else kafka.bootstrap,
            "SPO_TRANSPORT__PREFIX": self.prefix,
        }
        if is_lane(name) and self.receiver is not None:
            settings["SPO_WEBHOOK__URL"] = self.receiver.url
        if name in TEXTS and self.notify is not None:
            settings |= self.notify.settings
        if name == "staffing":
            settings["SPO_POLICY__FILE"] = str(self.folder / "policy.toml")
        program = self.clocks[name].command(self.program) if name in self.clocks else self.program
        return Site(self.folder, program, self.cwd, settings)

    def _dsn(self, *, proxied: bool) -> str:
        if not proxied:
            return self.place.writer
        port = self.ground.database_link.port
        return f"host={HOST} port={port} user=spowatch_writer dbname={self.place.database}"

    def migrate(self) -> None:
        owner = {**self.site().settings, "SPO_LOG__DSN": self.place.owner}
        migrated = run("migrate", "--data-dir", str(self.site().store), settings=owner)
        if migrated.returncode:
            raise AssertionError(migrated.stderr)
        run_script(self.place.owner, "grants.sql")

    def apply_topics(self) -> None:
        copies = str(len(self.ground.kafka.brokers))
        order = ("topics", "apply", "--copies", copies, "--prefix", self.prefix)
        done = run(*order, "--bootstrap", self.bootstrap)
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)

    def start_roles(self, crash: tuple[str, str] | None = None) -> None:
        """With a crash, its role is armed from the first."""
        if crash is not None:
            self.roles[crash[0]] = Kept(self._armed(*crash), crash[0])
        for name in self.arrangement.roles:
            if not name[-1].isdigit() and name not in self.roles:
                self.roles[name] = Kept(self.site(name), name)

    def wait_until_ready(self) -> None:
        """The second of a role is started last: it is to find the first at work."""
        for each in self.roles.values():
            each.wait_until_ready()
        for name in self.arrangement.roles:
            if name not in self.roles:
                self.roles[name] = Kept(self.site(name), name)
                self.roles[name].wait_until_ready()

    def arm(self, name: str, crash: str) -> None:
        """The role begins anew in a life that will end, or stop, at that moment."""
        armed = self._armed(name, crash)
        if name == "import":
            self.feeders[0].site = armed
            self.feeders[0].kill()
        else:
            self.roles[name].site = armed
            self.roles[name].kill()
            self.roles[name].wait_until_ready()

    def _armed(self, name: str, crash: str) -> Site:
        self.armed += 1
        site = self.site(name)
        setting = {"CRASH_HERE": f"{crash}:{self.crash_mark}"}
        return replace(site, settings={**site.settings, **setting})

    def let_crash(self) -> None:
        self.crash_mark.with_name(f"{self.crash_mark.name}.go").touch()

    def feed(self) -> None:
        for each in self._tellers():
            each.start()

    def rest(self) -> None:
        """No more facts until `feed`; those in hand are finished."""
        for each in self._tellers():
            each.rest()

    def open_feeders(self, rng: Random) -> None:
        """Two writers and, where there is an intake, a provider, each with people of its own.

        They tell nothing yet.
        """
        for number in range(2):
            name = f"lane{number}{'x' * bool(self.forgotten)}"
            site = self.site("import" if number == 0 else "")
            source = lives(f"{name}-{self.prefix[:-1]}", Random(rng.random()))
            self.feeders.append(Feeder(site, source, lambda: None))
        if "intake" in self.arrangement.roles:
            self.providers.append(Provider(self.bootstrap, self.prefix, Random(rng.random())))

    def stop_feeding(self) -> None:
        for each in self._tellers():
            each.stop()

    def stop_roles(self) -> None:
        for each in self.roles.values():
            each.ask_to_stop()
        for each in self.roles.values():
            each.stop()

    def end(self) -> None:
        for each in self._tellers():
            each.end()
        self.stop_roles()

    def await_acknowledged(self, count: int, patience: float = 60.0) -> None:
        """Until so many more facts have been taken."""
        wanted, deadline = len(self.acknowledged) + count, monotonic() + patience
        while len(self.acknowledged) < wanted:
            if monotonic() > deadline:
                msg = f"{len(self.acknowledged)} facts taken in {patience} s, not {wanted}"
                raise NothingTaken(msg)
            sleep(0.02)


class NothingTaken(AssertionError):
    """The system takes no facts any more."""


@contextmanager
def field_on(ground: Ground, arrangement: Arrangement, copy: Path | None = None) -> Iterator[Field]:
    """A new one, migrated, with its topics, nothing running yet. `copy` is a planted program."""
    name = f"f{uuid4().hex[:8]}"
    folder = ground.folder / name
    folder.mkdir()
    place = unmigrated(ground.postgres)
    program = SPOWATCH if copy is None else PROGRAM
    made = Field(ground, folder, place, f"{name}.", program, copy, arrangement)
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(made.migrate), pool.submit(made.apply_topics)]:
            done.result()
    for each in arrangement.steered:
        (folder / f"clock-{each}").mkdir()
        made.clocks[each] = SteeredClock(folder / f"clock-{each}", datetime.now(UTC))
        made.clocks[each].set(datetime.now(UTC))  # it had tried out the library meanwhile
    with ExitStack() as stack:
        if any(map(is_lane, arrangement.roles)):
            made.receiver = stack.enter_context(receiving())
        if "receipts" in arrangement.roles:
            made.notify = stack.enter_context(notifying())
        (folder / "policy.toml").write_text(_POLICY, encoding="utf-8")
        stack.callback(made.end)
        yield made
