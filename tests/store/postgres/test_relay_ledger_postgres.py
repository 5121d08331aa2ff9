"""The relay's ledger on PostgreSQL: the contract's promises, and who may write in it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import timedelta
from time import monotonic

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from spowatch.store.relay_ledger_postgres import PostgresRelayLedger
from tests.store.ledger_contract import KEEPS, Aged, LedgerContract, Opened, lease, sent
from tests.store.postgres.places import Place


@pytest.fixture
def empty(shared_place: Place) -> Place:
    with psycopg.connect(shared_place.administrator, autocommit=True) as administrator:
        administrator.execute("TRUNCATE relay.sent")
        administrator.execute("UPDATE relay.cursor SET position = 0")
        administrator.execute("UPDATE relay.lease SET holder = '', token = 0, until = '-infinity'")
    return shared_place


@pytest.fixture
def again(empty: Place) -> Iterator[Opened]:
    def opened() -> PostgresRelayLedger:
        return PostgresRelayLedger(empty.writer, environment={}, keeps=KEEPS)

    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(opened()))


@pytest.fixture
def ledger(again: Opened) -> PostgresRelayLedger:
    opened: PostgresRelayLedger = again()
    return opened


@pytest.fixture
def aged(empty: Place) -> Aged:
    def age(older: Mapping[int, timedelta]) -> None:
        with psycopg.connect(empty.administrator) as rows:
            for position, by in older.items():
                sql = "UPDATE relay.sent SET sent_at = sent_at - %s WHERE position = %s"
                rows.execute(sql, [by, position])

    return age


class TestPromises(LedgerContract):
    pass


def test_a_lease_from_before_the_servers_clock_was_put_back_is_free(
    ledger: PostgresRelayLedger, empty: Place
) -> None:
    lease(ledger, "one")
    with psycopg.connect(empty.administrator, autocommit=True) as administrator:
        administrator.execute("UPDATE relay.lease SET until = now() + interval '1 day'")
    assert ledger.acquire("two", seconds=60) == 2


def test_a_relay_that_died_leaves_its_lease_to_the_next_at_once(
    ledger: PostgresRelayLedger, empty: Place
) -> None:
    with closing(PostgresRelayLedger(empty.writer, environment={}, keeps=KEEPS)) as dying:
        lease(dying, "one")
        assert ledger.acquire("two", seconds=60) is None
    deadline = monotonic() + 60
    while ledger.acquire("two", seconds=60) != 2:
        assert monotonic() < deadline


def test_a_lease_is_kept_though_its_holder_has_a_new_session(
    ledger: PostgresRelayLedger, again: Opened
) -> None:
    with closing(again()) as before:
        token = lease(before, "one")
        assert lease(ledger, "one") == token
    assert again().acquire("two", seconds=60) is None


def test_a_reader_may_look_at_the_ledger_and_not_write_in_it(
    ledger: PostgresRelayLedger, empty: Place
) -> None:
    ledger.acknowledged([sent(1, 0)], 1, token=lease(ledger))
    with psycopg.connect(empty.reader) as reader:
        assert reader.execute("SELECT count(*) FROM relay.sent").fetchone() == (1,)
        with pytest.raises(InsufficientPrivilege):
            reader.execute("UPDATE relay.cursor SET position = 9")
