from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.servers.postgres import Cluster, postgres
from tests.spowatch.sealing import sealed_logs
from tests.spowatch.sealing.sealed_logs import SealedLog
from tests.store.postgres.places import Place, made

__all__ = ["postgres"]


@pytest.fixture(scope="session")
def sealed_place(postgres: Cluster) -> Place:
    return made(postgres)


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[SealedLog]:
    with sealed_logs.on_sqlite(tmp_path) as log:
        yield log


@pytest.fixture
def on_postgres(sealed_place: Place, tmp_path: Path) -> Iterator[SealedLog]:
    with psycopg.connect(sealed_place.administrator, autocommit=True) as administrator:
        administrator.execute("TRUNCATE spowatch.events, seal.checkpoints RESTART IDENTITY")
    with sealed_logs.on_postgres(sealed_place, tmp_path) as log:
        yield log


@pytest.fixture(params=["sqlite", "postgres"])
def sealed(request: pytest.FixtureRequest) -> SealedLog:
    found: SealedLog = request.getfixturevalue(f"on_{request.param}")
    return found
