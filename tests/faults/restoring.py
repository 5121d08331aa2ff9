"""Goal R11: a store restored to a second by chance is what it was then, and tells nobody outside of anything again.

`python -m tests.faults restore`: an hour and a half of breaches on each store, their alerts sent to a receiver and taken by it;
then restored to ten seconds of it. Exit 1 when a log differs from what it was, when anything is sent before a person released
it, or when something that the restored log knows as taken is sent again after that.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from time import monotonic

from pydantic import SecretStr

from deploy.postgres.server import running
from spowatch.doctor.inspection import digest
from spowatch.open_store import Store
from spowatch.releasing import release
from spowatch.settings.key import PostgresKeySettings
from spowatch.settings.root import PostgresLogSettings, Settings
from spowatch.wiring.backup import back_up, restore
from spowatch.wiring.store import migrate, opened, throw_away
from tests.consumers.outside import Clock, Outside
from tests.faults.dying.life import turn
from tests.servers.receiver import Receiver, receiving
from tests.store.postgres.key_places import unmigrated_keys
from tests.store.postgres.places import unmigrated
from tests.stories import breach, served_order, tell

_BEGUN = datetime(2026, 12, 6, 12, tzinfo=UTC)
_MINUTES = 90
_BREACHES = 40

Place = Callable[[Path], Settings]
"""Settings of a new store with that data directory."""


@dataclass(frozen=True, slots=True)
class Lived:
    """At each instant something was accepted: the root of the log, and how many messages were taken by then."""

    roots: dict[datetime, str] = field(default_factory=dict)
    taken: dict[datetime, int] = field(default_factory=dict)


@dataclass(slots=True)
class Restores:
    store: str
    restored: int = 0
    equal: int = 0
    taken_before: int = 0
    """Messages that the restored logs know as taken."""
    sent_unreleased: int = 0
    sent_again: int = 0
    sent_of_new: int = 0
    """After the release, of a breach reported before it: so there was something to hold back."""
    longest_s: float = 0.0

    @property
    def good(self) -> bool:
        all_equal = self.restored == self.equal > 0 < self.taken_before
        nothing_again = not self.sent_unreleased and not self.sent_again
        return all_equal and nothing_again and self.sent_of_new >= self.restored


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults restore", description=__doc__)
    parser.add_argument("--store", choices=_PLACES, action="append", help="both, unless told")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    good = True
    for name in asked.store or _PLACES:
        with TemporaryDirectory(prefix="restore-") as folder, _PLACES[name]() as place:
            found = _restores(name, Path(folder), place, asked.times, asked.seed)
        good &= found.good
        told = {each: getattr(found, each) for each in Restores.__dataclass_fields__}
        print(json.dumps(told | {"seed": asked.seed}), flush=True)
    sys.exit(not good)


def _restores(name: str, folder: Path, place: Place, times: int, seed: int) -> Restores:
    rng, found = random.Random(seed), Restores(name)
    of = place(folder / "of")
    with receiving() as endpoint:
        lived = _lived(of, endpoint, rng)
        back_up(of, folder / "backup", with_keys=True, at=_BEGUN + timedelta(minutes=_MINUTES))
        for number in range(times):
            into = place(folder / f"into-{number}")
            into.data_dir.mkdir()
            copy(of.master_key_path, into.master_key_path)
            _restored(found, lived, endpoint, folder / "backup", into, rng)
    return found


def _lived(settings: Settings, endpoint: Receiver, rng: random.Random) -> Lived:
    """The root of the log at each instant: nothing comes between it and the next."""
    settings.data_dir.mkdir()
    migrate(settings)
    lived, at = Lived(), _BEGUN
    with opened(settings) as store:
        tell(store, "KENT-1", *served_order(), now=at)
        for number in range(_BREACHES):
            at += timedelta(seconds=rng.randrange(1, 120))
            tell(store, "KENT-1", breach(incident=f"I-{number}"), now=at)
            turn("alert", at, store)
            _sent(store, endpoint, at)
            lived.roots[at] = str(digest(store)["log_root"])
            lived.taken[at] = len(endpoint.reached)
    return lived


def _restored(
    found: Restores,
    lived: Lived,
    endpoint: Receiver,
    backup: Path,
    into: Settings,
    rng: random.Random,
) -> None:
    instants = sorted(lived.roots)
    span = int((instants[-1] - instants[0]).total_seconds())
    to = instants[0] + timedelta(seconds=rng.randrange(span))
    begun = monotonic()
    restore(into, backup, to=to, keys_folder=None, without_keys=False)
    found.longest_s = max(found.longest_s, round(monotonic() - begun, 2))
    found.restored += 1
    then = max(each for each in instants if each <= to)
    taken, before = _ids(endpoint)[: lived.taken[then]], len(endpoint.reached)
    found.taken_before += len(taken)
    with opened(into) as store:
        found.equal += digest(store)["log_root"] == lived.roots[then]
        tell(store, "KENT-1", breach(incident="reported after all that"), now=instants[-1])
        turn("alert", instants[-1], store)
        _sent(store, endpoint, instants[-1])
        found.sent_unreleased += len(endpoint.reached) - before
        release(store, "4812", "the receivers were asked", instants[-1])
        _sent(store, endpoint, instants[-1])
    sent = _ids(endpoint)[before:]
    found.sent_again += len(set(sent) & set(taken))
    found.sent_of_new += len(set(sent) - set(taken))
    del endpoint.reached[before:]


def _sent(store: Store, endpoint: Receiver, at: datetime) -> None:
    """All that is to be sent, by both lanes of the receiver."""
    outside = Outside(store, endpoint, Clock(at))
    for urgent in (True, False):
        lane = outside.lane(urgent=urgent)
        while lane.work(0):
            pass


def _ids(endpoint: Receiver) -> list[str]:
    return [each.headers["webhook-id"] for each in endpoint.reached]


@contextmanager
def _on_postgres() -> Iterator[Place]:
    with running() as cluster:

        def place(folder: Path) -> Settings:
            log, keys = unmigrated(cluster).owner, unmigrated_keys(cluster).owner
            parts = {
                "log": PostgresLogSettings(kind="postgres", dsn=SecretStr(log)),
                "keys": PostgresKeySettings(kind="postgres", dsn=SecretStr(keys)),
            }
            return throw_away(folder).model_copy(update=parts)

        yield place


_PLACES: Mapping[str, Callable[[], AbstractContextManager[Place]]] = {
    "sqlite": lambda: nullcontext(throw_away),
    "postgres": _on_postgres,
}
