from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from spowatch.store.log_schema import migrate_log
from spowatch.store.log_sqlite import SqliteLog
from tests.projections.runners.places import Open, emptied, in_database, in_file
from tests.servers.postgres import Cluster, postgres
from tests.store.postgres.places import Place, unmigrated

__all__ = ["postgres"]


@pytest.fixture(scope="session")
def sheets_place(postgres: Cluster) -> Place:
    return unmigrated(postgres)


@pytest.fixture(params=["file", "database"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens a sheet's store, of which there is none yet."""
    if request.param == "file":
        with in_file(tmp_path / "projections.db") as opened:
            yield opened
        return
    place: Place = request.getfixturevalue("sheets_place")
    emptied(place.administrator)
    with in_database(place.writer) as opened:
        yield opened


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    migrate_log(tmp_path / "log.db")
    with closing(SqliteLog(tmp_path / "log.db")) as opened:
        yield opened
