"""Bad records among good ones: `python -m tests.contracts.bad_kafka --bad 10000`.

Every role works as it does in service, on a real broker. The good must all be raised, the bad must all
come before a person, each with its reason, and nothing of what they hold may come out anywhere.
"""

import argparse
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

from structlog.testing import capture_logs

from consumers.intake import INTAKE
from consumers.relay_messages import ALERT_OUTCOME, ALERT_REQUESTED, ORDER_EVENTS, QUARANTINE
from deploy.kafka.cluster import Cluster, running
from domain.alerts import AlertRaised
from spowatch.facts_file import Line
from spowatch.importing import import_line
from spowatch.open_store import Store
from spowatch.running.register import roles_of
from spowatch.running.running import Running
from spowatch.settings.root import KafkaTransport, Settings
from spowatch.wiring.store import migrate, now, opened
from tests.contracts.bad_records import (
    CANARY,
    GARBAGE,
    Record,
    breach,
    for_intake,
    for_the_desk,
    order_made,
    told,
)
from tests.servers.kafka_clients import made_topic, producer, records_of

TOPICS = (ORDER_EVENTS, ALERT_REQUESTED, ALERT_OUTCOME, QUARANTINE, INTAKE)
ORDER = "KENT-1"
PARTITIONS = 3
_LONGEST = 1800.0
Place = tuple[str, int, int]


@dataclass
class Flood:
    """What was sent, what was said of it, and when."""

    good: int
    bad_places: set[Place] = field(default_factory=set)
    bad_streams: set[str] = field(default_factory=set)
    said: list[dict[str, Any]] = field(default_factory=list)
    logged: list[Any] = field(default_factory=list)
    quarantined: list[bytes] = field(default_factory=list)
    alerts: int = 0
    faults: int = 0
    ended: bool = False
    seconds: float = 0.0
    seconds_to_a_person: float = 0.0

    @property
    def bad(self) -> int:
        return len(self.bad_places) + len(self.bad_streams)

    @property
    def told_places(self) -> set[Place]:
        unread = [each for each in self.said if each["what"] == "unread" and each["reason"]]
        return {(each["topic"], each["partition"], each["offset"]) for each in unread}

    @property
    def told_streams(self) -> set[str]:
        return {each["stream"] for each in self.said if each["what"] == "parked" and each["fault"]}

    @property
    def missing(self) -> set[Any]:
        return (self.bad_places - self.told_places) | (self.bad_streams - self.told_streams)

    @property
    def leaked(self) -> bool:
        """Whether a word of a bad record came out."""
        everything = repr(self.said) + repr(self.logged) + repr(self.quarantined)
        return any(word in everything for word in CANARY.split())


@contextmanager
def at_work(directory: Path, bootstrap: str, prefix: str) -> Iterator[tuple[Store, Running, Flood]]:
    """A store with one order, topics of its own, and every role at work on them."""
    for topic in TOPICS:
        made_topic(bootstrap, prefix + topic, PARTITIONS)
    transport = KafkaTransport(kind="kafka", bootstrap=bootstrap, prefix=prefix)
    settings = Settings(data_dir=directory, transport=transport)
    migrate(settings)
    with ExitStack() as stack:
        logged = stack.enter_context(capture_logs())
        store = stack.enter_context(opened(settings))
        line = Line(1, {"order": ORDER, "force": "Kent", "given": order_made()})
        import_line(line, store.register, now=now())
        flood = Flood(good=0, logged=logged)
        roles = Running(store, flood.said.append, threading.Event())
        roles.start(roles_of(store.settings), lambda _: None)
        try:
            yield store, roles, flood
        finally:
            flood.ended = any(not thread.is_alive() for thread in roles._threads)
            roles.stop()
            flood.faults = roles.faults


def flooded(directory: Path, bootstrap: str, prefix: str, *, bad: int, good: int) -> Flood:
    """Bad records among good ones to both topics, until all are dealt with."""
    with at_work(directory, bootstrap, prefix) as (store, _, flood):
        flood.seconds_to_a_person = _one_by_itself(bootstrap, prefix, flood)
        began = monotonic()
        _send(bootstrap, prefix, flood, bad, good)
        while monotonic() - began < _LONGEST and (flood.missing or _alerts(store) < good):
            sleep(0.2)
        flood.seconds = monotonic() - began
        flood.alerts = _alerts(store)
        sleep(1.0)
        unread = len(flood.told_places)
        flood.quarantined = _values(bootstrap, prefix + QUARANTINE, unread)
    return flood


def _one_by_itself(bootstrap: str, prefix: str, flood: Flood) -> float:
    """Seconds from a message that may be a breach, and is of no known kind, to the console."""
    strange = told(ORDER, breach(CANARY) | {"type": "BreachSuspected"})
    with producer(bootstrap) as sender:
        _await(lambda: bool(sender.send(prefix + INTAKE, b"{}").get(timeout=60)) and True)
        _await(lambda: len(flood.told_places) == 1)
        sent = sender.send(prefix + INTAKE, strange).get(timeout=60)
        began = monotonic()
        place = (sent.topic, sent.partition, sent.offset)
        _await(lambda: place in flood.told_places)
        return monotonic() - began


def _await(done: Any, patience: float = 60.0) -> None:
    deadline = monotonic() + patience
    while not done():
        if monotonic() > deadline:
            msg = "nobody was told in time"
            raise TimeoutError(msg)
        sleep(0.01)


def _send(bootstrap: str, prefix: str, flood: Flood, bad: int, good: int) -> None:
    """Turn and turn about.

    Every good one goes a second time, as from a provider that heard no answer, with a header nobody
    can read.
    """
    streams = (prefix + INTAKE, for_intake()), (prefix + ALERT_REQUESTED, for_the_desk())
    sent: list[tuple[Record, Any]] = []
    with producer(bootstrap, linger_ms=5) as sender:
        for topic, records in streams:
            for number, record in enumerate(islice(records, bad // 2)):
                if (
                    topic.endswith(INTAKE)
                    and number % max(1, bad // 2 // good) == 0
                    and flood.good < good
                ):
                    flood.good += 1
                    _report(sender, topic, f"INC-{flood.good}")
                future = sender.send(
                    topic, value=record.value, key=record.key, headers=record.headers or None
                )
                sent.append((record, future))
        for record, future in sent:
            kept = future.get(timeout=60)
            if record.parks is None:
                flood.bad_places.add((kept.topic, kept.partition, kept.offset))
            else:
                flood.bad_streams.add(str(record.parks))


def _report(sender: Any, topic: str, incident: str) -> None:
    report = told(ORDER, breach(incident), command_id=incident)
    for headers in (GARBAGE, []):
        sender.send(topic, value=report, key=ORDER.encode(), headers=headers)


def _alerts(store: Store) -> int:
    return len(store.log.select_notifications(1, 100_000, topics=[AlertRaised.TOPIC]))


def _values(bootstrap: str, topic: str, count: int) -> list[bytes]:
    return records_of(bootstrap, topic, count, group_id=None)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.contracts.bad_kafka", description=__doc__
    )
    parser.add_argument("--bad", type=int, default=10_000)
    parser.add_argument("--good", type=int, default=200)
    given = parser.parse_args()
    with TemporaryDirectory(prefix="spowatch-bad-") as folder, ExitStack() as stack:
        cluster = stack.enter_context(running(Cluster(Path(folder, "kafka"))))
        flood = flooded(Path(folder, "data"), cluster.bootstrap, "", bad=given.bad, good=given.good)
    sys.stdout.write(account(flood))
    whole = flood.alerts == flood.good and not flood.missing and not flood.leaked
    return 0 if whole and not flood.faults and not flood.ended else 1


def account(flood: Flood) -> str:
    late = [each["late_by_seconds"] for each in flood.said if "late_by_seconds" in each]
    return (
        f"good: {flood.alerts} of {flood.good} raised once, the latest {max(late, default=0):.2f} s "
        "after it was known\n"
        f"bad: {flood.bad - len(flood.missing)} of {flood.bad} before a person with a reason, "
        f"{len(flood.quarantined)} on the quarantine topic\n"
        f"one of no known kind, by itself: before a person after "
        f"{flood.seconds_to_a_person:.2f} s\n"
        f"role faults {flood.faults}, roles that ended {int(flood.ended)}, "
        f"a word of theirs came out: {'yes' if flood.leaked else 'no'}, all in {flood.seconds:.0f} s\n"
    )


if __name__ == "__main__":
    sys.exit(main())
