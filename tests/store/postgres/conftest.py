from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from spowatch.store.log_postgres import PostgresLog
from tests.servers.postgres import Cluster, own_postgres, postgres
from tests.store.postgres.places import Place, made

__all__ = ["own_postgres", "postgres"]


@pytest.fixture(scope="session")
def shared_place(postgres: Cluster) -> Place:
    return made(postgres)


@pytest.fixture
def place(shared_place: Place) -> Place:
    """An empty log."""
    with psycopg.connect(shared_place.administrator, autocommit=True) as administrator:
        administrator.execute("TRUNCATE spowatch.events, spowatch.tracking RESTART IDENTITY")
    return shared_place


@pytest.fixture
def log(place: Place) -> Iterator[PostgresLog]:
    with closing(place.open()) as opened:
        yield opened
