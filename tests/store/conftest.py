from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from spowatch.store.keys import KeyStore
from spowatch.store.keys_sqlite import migrate_keys, sqlite_keys
from spowatch.store.log_schema import migrate_log
from spowatch.store.log_sqlite import SqliteLog
from spowatch.store.mapper import EventMapper

MASTER = bytes(range(32))


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    path = tmp_path / "log.db"
    migrate_log(path)
    return path


@pytest.fixture
def log(log_path: Path) -> Iterator[SqliteLog]:
    with closing(SqliteLog(log_path)) as opened:
        yield opened


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyStore]:
    path = tmp_path_factory.mktemp("keys") / "keys.db"
    migrate_keys(path, MASTER)
    with closing(sqlite_keys(path, MASTER)) as opened:
        yield opened


@pytest.fixture
def mapper(keys: KeyStore) -> EventMapper:
    return EventMapper(keys, upcasters={})
