from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from spowatch.facts_file import Line
from spowatch.importing import import_line
from spowatch.open_store import Store
from spowatch.settings.root import PostgresLogSettings
from spowatch.store.log_schema import migrate_log
from spowatch.store.log_sqlite import SqliteLog
from spowatch.wiring.store import migrate, opened, throw_away
from tests.law.comparing import cases
from tests.projections.runners.places import Open, emptied, in_database, in_file
from tests.servers.postgres import Cluster, postgres
from tests.store.postgres.places import Place, made, unmigrated
from tests.stories import store_at

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


EVERY = 5
"""Of the cases of the law one in so many: each takes its time to be stated."""


@pytest.fixture(scope="session")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Orders as the cases of the law tell them, told at the time and not swept since."""
    with store_at(tmp_path_factory.mktemp("lives")) as store:
        for case in cases()[::EVERY]:
            told = {key: case[key] for key in ("regime", "given")}
            line = Line(1, case={"order": str(case["id"]), "force": "Kent", **told})
            import_line(line, store.register, now=datetime.fromisoformat(case["as_of"]))
        yield store


@pytest.fixture(params=["file", "database"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A whole store with nothing in it: its log, and its sheets beside the log."""
    settings = throw_away(tmp_path)
    if request.param == "database":
        dsn = SecretStr(made(request.getfixturevalue("postgres")).writer)
        log = PostgresLogSettings(kind="postgres", dsn=dsn)
        settings = settings.model_copy(update={"log": log})
        migrate(throw_away(tmp_path))  # the keys stay in a file
    else:
        migrate(settings)
    with opened(settings) as store:
        yield store
