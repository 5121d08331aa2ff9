"""The relay's ledger in a file: the contract's promises, and a file of the release before."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from consumers.relay_ledger import KEPT
from spowatch.kafka.topics import read_topics
from spowatch.store import relay_ledger_sqlite
from spowatch.store.relay_ledger_sqlite import SqliteRelayLedger, migrate_ledger
from spowatch.store.sqlite_connection import migrate
from tests.store.ledger_contract import KEEPS, Aged, LedgerContract, Opened, lease, positions, sent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "relay.db"
    migrate_ledger(path)
    return path


@pytest.fixture
def again(path: Path) -> Iterator[Opened]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(SqliteRelayLedger(path, keeps=KEEPS)))


@pytest.fixture
def ledger(again: Opened) -> SqliteRelayLedger:
    opened: SqliteRelayLedger = again()
    return opened


@pytest.fixture
def aged(path: Path) -> Aged:
    def age(older: Mapping[int, timedelta]) -> None:
        with closing(sqlite3.connect(path)) as rows, rows:
            for position, by in older.items():
                sql = "UPDATE sent SET sent_at = sent_at - ? WHERE position = ?"
                rows.execute(sql, (by.total_seconds(), position))

    return age


class TestPromises(LedgerContract):
    pass


def test_what_an_older_release_remembered_is_kept_from_now_on(tmp_path: Path) -> None:
    path = tmp_path / "relay.db"
    migrate(path, relay_ledger_sqlite.SCHEMA[:1])
    with closing(sqlite3.connect(path)) as old, old:
        old.execute("INSERT INTO sent VALUES (?, 0, 5, 7, ?)", (next(iter(KEEPS)), b"id"))
    migrate_ledger(path)
    with closing(SqliteRelayLedger(path, keeps=KEEPS)) as ledger:
        ledger.acknowledged([sent(8, 8)], 8, token=lease(ledger))
        assert positions(ledger, next(iter(KEEPS))) == [7, 8]


def test_the_ledger_keeps_what_the_topics_keep() -> None:
    topics = read_topics(Path(__file__).parents[2] / "deploy/kafka/topics.yaml").topics
    written = {name: topic for name, topic in topics.items() if "relay" in topic.writers}
    assert {n: timedelta(days=topic.retention_days) for n, topic in written.items()} == KEPT
