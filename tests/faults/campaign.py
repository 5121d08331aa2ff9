"""One run: the system up, facts going in, processes killed at bad moments, then the reckoning."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic, time
from typing import Self

from tests.faults.evidence import Evidence, drained, gathered, head, read_upto
from tests.faults.incidents import SOON, broken_often, lives
from tests.faults.oracle import Verdict, verdict
from tests.faults.processes import PACE, Acknowledged, Feeder, Role, Site
from tests.program import PATIENCE, run

ROLES = ("alert", "deliver", "sweep")
FEEDERS = 2
_MOMENT = 0.015
"""Seconds: about as long as a fact takes, so that a kill falls while it is taken or acted upon."""
_QUIET = 0.3
_AT_ONCE = 0.002


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a run came to."""

    kills: int
    asked_again: int
    fell_over: int
    unclean_stops: int
    to_ready: list[float]
    acknowledged: list[Acknowledged]
    evidence: Evidence
    verdict: Verdict

    @property
    def good(self) -> bool:
        return self.verdict.good and not self.fell_over and not self.unclean_stops


class Silent(AssertionError):
    """No feeder told or was answered anything for too long."""


class NotDrained(AssertionError):
    """Some consumer never caught up after the last kill."""


class Campaign:
    """Fires on one store until `kills` processes were killed."""

    def __init__(self, site: Site, seed: int, breaches: int = 0) -> None:
        """So many `breaches` are accepted between two strikes at least; 0 strikes as soon as it can."""
        self._site = site
        self._between, self._until = breaches, 0
        self._rng = Random(seed)
        self._told = threading.Event()
        self._roles = [Role(site, name) for name in ROLES]
        names = [f"lane{number}-{seed}" for number in range(FEEDERS)]
        facts, pace = (broken_often, _AT_ONCE) if breaches else (lives, PACE)
        self._feeders = [
            Feeder(site, facts(name, Random(name)), self._told.set, pace) for name in names
        ]
        self._targets: list[Role | Feeder] = [*self._roles, *self._feeders]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._targets:
            each.end()

    def run(self, kills: int) -> Reckoning:
        for role in self._roles:
            role.wait_until_ready()
        for feeder in self._feeders:
            feeder.start()
        killed = 0
        while killed < kills:
            killed += self._strike(kills - killed)
        for feeder in self._feeders:
            feeder.stop()
        self._drain()
        unclean = sum(role.stop() != 0 for role in self._roles)
        return self._reckoning(killed, unclean)

    def _strike(self, most: int) -> int:
        """Kill one process or several at a bad moment and bring them back; how many."""
        several = self._rng.random() < _SEVERAL
        count = self._rng.randint(2, len(ROLES) + FEEDERS) if several else 1
        targets = self._rng.sample(self._targets, min(count, most))
        self._await_breaches()
        self._await_a_moment()
        for target in targets:
            target.kill()
        roles = [target for target in targets if isinstance(target, Role)]
        for role in roles:
            role.start_again()
        if self._rng.random() > _WHILE_STARTING:
            for role in roles:
                role.wait_until_ready()
        return len(targets)

    def _await_breaches(self) -> None:
        while sum(len(feeder.acknowledged) for feeder in self._feeders) < self._until:
            self._await_a_fact()
        self._until += self._between

    def _await_a_moment(self) -> None:
        """Mostly just after a fact went in or was acknowledged, at times any moment at all."""
        nothing = threading.Event()
        if self._rng.random() < _AT_REST:
            nothing.wait(self._rng.uniform(0, _QUIET))
            return
        self._await_a_fact()
        nothing.wait(self._rng.uniform(0, _MOMENT))

    def _await_a_fact(self) -> None:
        self._told.clear()
        if not self._told.wait(PATIENCE):
            for feeder in self._feeders:
                feeder.stop()
            raise Silent

    def _drain(self) -> None:
        for role in self._roles:
            role.wait_until_ready()
        store = self._site.store
        if not self._between:
            _until(lambda: drained(store, time() + SOON))
            return
        # So many alerts go on escalating for minutes: the alerts of all breaches, then what is said of them.
        for _ in range(2):
            _until(partial(_has_read, store, head(store)), 10 * PATIENCE)

    def _reckoning(self, killed: int, unclean: int) -> Reckoning:
        acknowledged = [item for feeder in self._feeders for item in feeder.acknowledged]
        evidence = gathered(self._site)
        return Reckoning(
            kills=killed,
            asked_again=sum(feeder.again for feeder in self._feeders),
            fell_over=sum(each.fell_over for each in self._targets),
            unclean_stops=unclean,
            to_ready=[seconds for role in self._roles for seconds in role.to_ready[1:]],
            acknowledged=acknowledged,
            evidence=evidence,
            verdict=verdict(evidence, acknowledged),
        )


_SEVERAL = 0.2
_AT_REST = 0.25
_WHILE_STARTING = 0.15


def _has_read(store: Path, upto: int) -> bool:
    return read_upto(store) >= upto


def _until(over: Callable[[], bool], patience: float = 2 * PATIENCE) -> None:
    waiting, deadline = threading.Event(), monotonic() + patience
    while not over():
        waiting.wait(0.05)
        if monotonic() > deadline:
            raise NotDrained


def campaign(site: Site, *, kills: int, seed: int, breaches: int = 0) -> Reckoning:
    """A run on a new store."""
    migrated = run("migrate", "--data-dir", str(site.store), program=site.program, cwd=site.cwd)
    if migrated.returncode:
        raise AssertionError(migrated.stderr)
    with Campaign(site, seed, breaches) as running:
        return running.run(kills)
