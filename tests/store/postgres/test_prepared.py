"""Values for the server, encoded by us: what it takes and gives back is what was meant."""

import json
from collections.abc import Iterator

import pytest
from psycopg.errors import DataError, DivisionByZero

from spowatch.store.postgres_connection import DEADLINE, PostgresServer, TimedConnection
from spowatch.store.postgres_prepared import Prepared, array, bigint, integer, numbers
from tests.store.postgres.places import Place

TEXTS, BIGINTS = 1009, 1016


@pytest.fixture
def connection(place: Place) -> Iterator[TimedConnection]:
    with PostgresServer(place.writer, environment={}).connect() as connection:
        connection.allow(DEADLINE)
        yield connection


@pytest.mark.parametrize("given", [[], ["a"], ["", None, "Žofie", "{,}"], [None]])
def test_texts_arrive_as_they_were_sent(
    connection: TimedConnection, given: list[str | None]
) -> None:
    told = Prepared(connection, "texts", "SELECT to_json($1)", [TEXTS])
    sent = array(25, [None if each is None else each.encode() for each in given])
    answer = told.run([sent]).get_value(0, 0)
    assert answer is not None
    assert json.loads(answer) == given


@pytest.mark.parametrize("given", [[], [0], [1, -1, 2**62, -(2**63)]])
def test_whole_numbers_go_there_and_back(connection: TimedConnection, given: list[int]) -> None:
    told = Prepared(connection, "numbers", "SELECT $1", [BIGINTS])
    answer = told.run([array(20, [bigint(each) for each in given])])
    assert list(numbers(answer.get_value(0, 0))) == given
    assert list(numbers(None)) == []


def test_what_does_not_fit_and_what_the_server_refuses_is_said(
    connection: TimedConnection,
) -> None:
    with pytest.raises(DataError):
        integer(2**31)
    divided = Prepared(connection, "divided", "SELECT 1 / $1", [23])
    with pytest.raises(DivisionByZero):
        divided.run([integer(0)])
    assert divided.run([integer(1)]).get_value(0, 0) == integer(1)
