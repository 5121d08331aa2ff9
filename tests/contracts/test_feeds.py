"""The log feed and the feed over Apache Kafka, each on both stores, asked the same."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from consumers.feed import TrackedFeed
from consumers.log_feed import LogFeed
from spowatch.open_store import Store
from spowatch.settings.root import KafkaTransport, PostgresLogSettings, Settings
from spowatch.wiring.store import migrate, opened
from tests.consumers.over_kafka.conftest import OverKafka
from tests.consumers.over_kafka.test_over_kafka import relay_all
from tests.contracts.feed_contract import FeedContract
from tests.servers.kafka import Kafka
from tests.servers.postgres import Cluster
from tests.store.postgres.places import run_script, unmigrated
from tests.stories import breach, served_order, tell


class LogHouse:
    def __init__(self, store: Store) -> None:
        self.store = store

    def publish(self, breaches: int) -> None:
        reports = [breach(incident=f"incident-{number}") for number in range(breaches)]
        tell(self.store, "KENT-1", *served_order(), *reports)

    def feed(self) -> TrackedFeed:
        return LogFeed("desk", self.store.events, self.store.log)


class KafkaHouse(LogHouse):
    def __init__(self, system: OverKafka) -> None:
        super().__init__(system.store)
        self._system = system

    def publish(self, breaches: int) -> None:
        super().publish(breaches)
        relay_all(self._system.relay())

    def feed(self) -> TrackedFeed:
        return self._system.feed("desk")


class TestLogFeedOnSqlite(FeedContract):
    @pytest.fixture
    def house(self, tmp_path: Path) -> Iterator[LogHouse]:
        settings = Settings(data_dir=tmp_path)
        migrate(settings)
        with opened(settings) as store:
            yield LogHouse(store)


class TestLogFeedOnPostgres(FeedContract):
    @pytest.fixture
    def house(self, tmp_path: Path, postgres: Cluster) -> Iterator[LogHouse]:
        with opened(_on_postgres(tmp_path, postgres)) as store:
            yield LogHouse(store)


def _on_postgres(directory: Path, server: Cluster, **more: Any) -> Settings:
    """Migrated, and as the roles see it."""
    place = unmigrated(server)

    def settings(dsn: str) -> Settings:
        log = PostgresLogSettings(kind="postgres", dsn=SecretStr(dsn))
        return Settings(data_dir=directory, log=log, **more)

    migrate(settings(place.owner))
    run_script(place.owner, "grants.sql")
    return settings(place.writer)


@contextmanager
def _over(kafka: Kafka, settings: Settings) -> Iterator[KafkaHouse]:
    with opened(settings) as store, ExitStack() as stack:
        system = OverKafka(store, kafka, stack)
        system.make_topics()
        yield KafkaHouse(system)


def _by(kafka: Kafka) -> KafkaTransport:
    return KafkaTransport(kind="kafka", bootstrap=kafka.bootstrap, prefix=kafka.prefix())


class TestKafkaFeedOnSqlite(FeedContract):
    @pytest.fixture
    def house(self, tmp_path: Path, kafka: Kafka) -> Iterator[KafkaHouse]:
        settings = Settings(data_dir=tmp_path, transport=_by(kafka))
        migrate(settings)
        with _over(kafka, settings) as house:
            yield house


class TestKafkaFeedOnPostgres(FeedContract):
    """As every split system has it."""

    @pytest.fixture
    def house(self, tmp_path: Path, kafka: Kafka, postgres: Cluster) -> Iterator[KafkaHouse]:
        with _over(kafka, _on_postgres(tmp_path, postgres, transport=_by(kafka))) as house:
            yield house
