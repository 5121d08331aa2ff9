"""`make split` keeps what stands behind the roles alive, so that whoever kills it sees the system come back."""

import os
import signal
from time import monotonic, sleep

import psycopg

from deploy.kafka.cluster import Cluster as KafkaCluster
from deploy.split.servers import kept_up
from tests.program import PATIENCE
from tests.servers.postgres import Cluster

AWAY = 1.0


def test_a_database_and_a_broker_that_were_killed_are_started_again(
    own_postgres: Cluster, own_kafka: KafkaCluster
) -> None:
    said: list[str] = []
    [broker] = own_kafka.brokers
    with kept_up(own_postgres, [broker], said.append, away=AWAY):
        for pid in (own_postgres.pid, broker.pid):
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
        until(said, "PostgreSQL: pid", "broker 1 started again")
    broker.wait()
    with psycopg.connect(own_postgres.dsn()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def until(said: list[str], *beginnings: str) -> None:
    deadline = monotonic() + PATIENCE
    while not all(any(line.startswith(each) for line in said) for each in beginnings):
        assert monotonic() < deadline, said
        sleep(0.05)
