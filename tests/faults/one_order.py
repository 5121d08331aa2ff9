"""Many clients on one order at once, every command sent several times: what the log says came of it.

`python -m tests.faults one-order --commands 10000 --clients 50`: one JSON line; exit 1 when a version is
missing, a key was applied twice, two answers to one key differ, or something unlawful was accepted.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import requests

from domain.facts import Fact
from domain.orders import FactRefused
from spowatch.log_pages import stream
from tests.web.callers import ApiProgram
from tests.web.site import TERM, UNCOUNTED, Site, site_at

ORDER = "KENT-CROWD-1"
EACH_SENT = 4
_UNLAWFUL = 4
"""Every so manieth command is one that the Act does not allow."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command with its key; sent several times by whoever comes to it."""

    key: str
    name: str
    body: dict[str, Any]
    lawful: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the clients were told, and what is in the log."""

    commands: int
    keys: int
    gaps: int
    twice: int
    missing: int
    differing: int
    unlawful_accepted: int
    unexpected: dict[int, int]
    p50: float
    p99: float

    @property
    def good(self) -> bool:
        faults = (self.gaps, self.twice, self.missing, self.differing, self.unlawful_accepted)
        return not any(faults) and not self.unexpected


def commands(keys: int) -> list[Command]:
    now = datetime.now(UTC)
    made = []
    for number in range(keys):
        t = (now - timedelta(days=10) + timedelta(seconds=number)).isoformat()
        if number % _UNLAWFUL == 0:
            body: dict[str, Any] = {"t": t, "applicant": "victim", "until": "further_order"}
            made.append(Command(f"crowd-{number}", "renew", body, lawful=False))
        elif number % 2:
            made.append(Command(f"crowd-{number}", "visit-address", {"t": t, "result": "seen"}, lawful=True))  # fmt: skip
        else:
            report = {"t": t, "occurred_at": t, "condition": TERM, "incident": f"i-{number}"}
            made.append(Command(f"crowd-{number}", "report-breach", report, lawful=True))
    return made


def crowd(site: Site, sent: int, clients: int, seed: int) -> Outcome:
    """Send so many commands from so many clients at once, in an order of chance."""
    site.order(ORDER)
    asked = commands(sent // EACH_SENT)
    deck = asked * EACH_SENT
    Random(seed).shuffle(deck)
    program = ApiProgram(site)
    answers: defaultdict[str, list[requests.Response]] = defaultdict(list)
    with ThreadPoolExecutor(clients) as pool:
        for command, answer in zip(deck, pool.map(lambda each: _send(program, each), deck), strict=True):  # fmt: skip
            answers[command.key].append(answer)
    return _reckoned(site, asked, answers)


def _send(program: ApiProgram, command: Command) -> requests.Response:
    """Sent again under its key until it is answered, as whoever hears nothing does."""
    path, key = f"/orders/{ORDER}/{command.name}", {"Idempotency-Key": command.key}
    while True:
        with suppress(requests.Timeout):
            answer = program.post(path, command.body, key)
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                return answer


def _reckoned(
    site: Site, asked: Sequence[Command], answers: dict[str, list[requests.Response]]
) -> Outcome:
    order = site.store.register.order(ORDER)
    stored = stream(site.store, order.id)
    versions = [each.originator_version for each in stored]
    applied: defaultdict[str, list[Any]] = defaultdict(list)
    for written in stored:
        if isinstance(written.event, Fact | FactRefused) and written.envelope.command_id:
            applied[written.envelope.command_id].append(written.event)
    unlawful = {each.key for each in asked if not each.lawful}
    took = sorted(a.elapsed.total_seconds() for some in answers.values() for a in some)
    cuts = quantiles(took, n=100)
    unexpected: defaultdict[int, int] = defaultdict(int)
    for each in asked:
        for answer in answers[each.key]:
            if answer.status_code != (201 if each.lawful else 409):
                unexpected[answer.status_code] += 1
    return Outcome(
        commands=len(took),
        keys=len(asked),
        gaps=len(set(range(1, len(versions) + 1)) - set(versions)),
        twice=sum(len(applied[each.key]) > 1 for each in asked),
        missing=sum(not applied[each.key] for each in asked),
        differing=sum(len({a.text for a in answers[each.key]}) > 1 for each in asked),
        unlawful_accepted=sum(isinstance(e, Fact) for key in unlawful for e in applied[key]),
        unexpected=dict(unexpected),
        p50=round(cuts[49] * 1000, 1),
        p99=round(cuts[98] * 1000, 1),
    )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults one-order", description=__doc__)
    parser.add_argument("--commands", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    with (
        TemporaryDirectory(prefix="crowd-") as folder,
        site_at(Path(folder), settings=UNCOUNTED) as site,
    ):
        begun = monotonic()
        outcome = crowd(site, asked.commands, asked.clients, asked.seed)
        took = monotonic() - begun
    told = {name: getattr(outcome, name) for name in Outcome.__dataclass_fields__}
    print(json.dumps(told | {"clients": asked.clients, "took_s": round(took, 1)}))
    if not outcome.good:
        sys.exit(1)
