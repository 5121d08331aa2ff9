"""The comparison: kafka-python as it comes, one group, effect first and commit after it; killed alike.

The consumer is what many would write: it reads with its defaults, keeps each effect in a database of
its own, and then commits. What comes twice or late under kills is counted.
"""

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic, sleep, time

from kafka import KafkaConsumer
from kafka.errors import KafkaError

from deploy.kafka.cluster import Cluster
from tests.servers.kafka_clients import made_topic, producer

_PACE = 0.02
_SETTLES = 120.0


@dataclass(frozen=True, slots=True)
class Outcome:
    kills: int
    told: int
    lost: int
    duplicate: int
    worst: float

    def as_dict(self) -> dict[str, object]:
        return {
            "baseline": "kafka-python's defaults, commit after effect",
            "kills": self.kills,
            "messages": self.told,
            "lost": self.lost,
            "duplicate": self.duplicate,
            "worst_late_s": round(self.worst, 1),
        }


def measured(kafka: Cluster, folder: Path, rng: Random, kills: int) -> Outcome:
    """As many kills, of the only consumer, which is started again at once."""
    topic, effects = made_topic(kafka.bootstrap, "baseline", 4), folder / "effects.db"
    with closing(sqlite3.connect(effects)) as database:
        database.execute("CREATE TABLE effect (message INTEGER, at REAL)")
    told: dict[int, float] = {}
    consumer = _consumer(kafka.bootstrap, topic, effects)
    try:
        with producer(kafka.bootstrap) as client:
            for killed in range(kills + 1):
                until = monotonic() + rng.uniform(2.0, 3.0)
                # Its group lets a new member in when the dead one's session is over.
                before = _count(effects)
                while monotonic() < until or (killed and _count(effects) == before):
                    number = len(told)
                    client.send(topic, key=b"%d" % (number % 40), value=b"%d" % number).get(30)
                    told[number] = time()
                    sleep(_PACE)
                if killed < kills:
                    consumer.kill()
                    consumer.wait()
                    consumer = _consumer(kafka.bootstrap, topic, effects)
        _settle(effects, told)
    finally:
        consumer.kill()
        consumer.wait()
    return _outcome(effects, told, kills)


def _settle(effects: Path, told: dict[int, float]) -> None:
    deadline = monotonic() + _SETTLES
    while len({number for number, _ in _all(effects)}) < len(told) and monotonic() < deadline:
        sleep(0.5)


def _outcome(effects: Path, told: dict[int, float], kills: int) -> Outcome:
    rows = _all(effects)
    first: dict[int, float] = {}
    for number, at in rows:
        first.setdefault(number, at)
    times = Counter(number for number, _ in rows)
    return Outcome(
        kills=kills,
        told=len(told),
        lost=len(told.keys() - first.keys()),
        duplicate=sum(count - 1 for count in times.values()),
        worst=max((at - told[number] for number, at in first.items()), default=0.0),
    )


def _all(effects: Path) -> list[tuple[int, float]]:
    with closing(sqlite3.connect(effects, timeout=30)) as database:
        return database.execute("SELECT message, at FROM effect ORDER BY rowid").fetchall()


def _count(effects: Path) -> int:
    return len(_all(effects))


def _consumer(bootstrap: str, topic: str, effects: Path) -> subprocess.Popen[bytes]:
    order = [sys.executable, "-m", "tests.faults.split.baseline"]
    told = json.dumps({"bootstrap": bootstrap, "topic": topic, "effects": str(effects)})
    return subprocess.Popen([*order, told], stderr=subprocess.DEVNULL)


def consume(bootstrap: str, topic: str, effects: str) -> None:
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=bootstrap.split(","),
        group_id="desk",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    with closing(sqlite3.connect(effects, timeout=30)) as database:
        while True:
            for records in consumer.poll(timeout_ms=500).values():
                with database:
                    rows = [(int(record.value), time()) for record in records]
                    database.executemany("INSERT INTO effect VALUES (?, ?)", rows)
            with suppress(KafkaError):
                consumer.commit()


if __name__ == "__main__":
    consume(**json.loads(sys.argv[1]))
