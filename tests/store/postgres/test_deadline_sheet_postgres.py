"""The deadline sheet on PostgreSQL: the contract's promises, and what sweeps on many machines meet."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from time import monotonic
from uuid import UUID

import psycopg
import pytest

from domain.deadlines import Due
from projections.deadline_sheet import CLAIM
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from spowatch.store.deadline_sheet_postgres import PostgresDeadlineSheet
from spowatch.store.deadline_sheet_schema import migrate_postgres_sheets
from spowatch.store.sqlite_connection import StoreUnavailable
from tests.projections.sheet_claims import once_free
from tests.projections.sheet_contract import (
    LATER,
    MIDNIGHT,
    ONE,
    OTHER,
    Opened,
    SheetContract,
    agenda,
)
from tests.store.postgres.places import Place, run_script


def opened(place: Place, rules: int | None = None) -> PostgresDeadlineSheet:
    return PostgresDeadlineSheet(place.writer, environment={}, rules=rules)


@pytest.fixture
def empty(shared_place: Place) -> Place:
    with psycopg.connect(shared_place.administrator, autocommit=True) as administrator:
        administrator.execute("TRUNCATE sheets.agenda, sheets.deadline")
        administrator.execute(
            "UPDATE sheets.bookmark SET position = 0, swept_at = NULL, rules = -1"
        )
    return shared_place


@pytest.fixture
def again(empty: Place) -> Iterator[Opened]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(opened(empty)))


@pytest.fixture
def sheet(again: Opened) -> PostgresDeadlineSheet:
    made = again()
    assert isinstance(made, PostgresDeadlineSheet)
    return made


class TestPromises(SheetContract):
    pass


def test_sweeps_on_many_machines_never_claim_the_same_order_at_once(
    sheet: PostgresDeadlineSheet, empty: Place
) -> None:
    orders = [UUID(int=number) for number in range(1, 401)]
    sheet.put({each: agenda(1, MIDNIGHT) for each in orders}, 400)

    slow: set[UUID] = set()

    def claimed(_: int) -> list[UUID]:
        with closing(opened(empty)) as own:
            found: list[UUID] = []
            began = monotonic()
            while some := [each.order_id for each in own.claim(MIDNIGHT, limit=20)]:
                own.rearm(dict.fromkeys(some, agenda(2)), MIDNIGHT)
                if monotonic() - began > CLAIM:
                    slow.update(some)
                found += some
                began = monotonic()
            return found

    with ThreadPoolExecutor(4) as pool:
        everyone = [order for some in pool.map(claimed, range(4)) for order in some]
    twice = {order for order, times in Counter(everyone).items() if times > 1}
    assert twice <= slow
    assert set(everyone) == set(orders)


def test_calls_that_put_the_same_orders_never_wait_for_one_another_in_a_circle(
    sheet: PostgresDeadlineSheet, empty: Place
) -> None:
    orders = [UUID(int=number) for number in range(1, 61)]

    def put(worker: int) -> None:
        with closing(opened(empty)) as own:
            for turn in range(1, 16):
                some = random.Random(worker * 100 + turn).sample(orders, 50)
                own.put({each: agenda(turn, MIDNIGHT, LATER) for each in some}, turn)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(4)))
    assert sheet.versions(orders).keys() == set(orders)
    assert len(list(sheet.rows())) == 2 * len(orders)


def test_a_claim_from_before_the_servers_clock_was_put_back_holds_nothing(
    sheet: PostgresDeadlineSheet, empty: Place
) -> None:
    sheet.put({ONE: agenda(3, MIDNIGHT)}, 3)
    with psycopg.connect(empty.administrator, autocommit=True) as administrator:
        administrator.execute("UPDATE sheets.agenda SET claimed_until = now() + interval '1 hour'")
    assert len(sheet.claim(MIDNIGHT, limit=10)) == 1


def test_a_row_another_session_has_locked_holds_nobody_up(
    sheet: PostgresDeadlineSheet, empty: Place
) -> None:
    sheet.put({ONE: agenda(3, MIDNIGHT), OTHER: agenda(3, LATER)}, 3)
    with psycopg.connect(empty.administrator) as frozen:
        frozen.execute("SELECT FROM sheets.agenda WHERE order_id = %s FOR UPDATE", [ONE])
        # Whoever waited for that row would wait for ever.
        assert sheet.claim(LATER, limit=10) == [Due(OTHER, LATER, 3)]
    assert once_free(sheet, MIDNIGHT) == [Due(ONE, MIDNIGHT, 3)]


def test_a_sheet_worked_out_by_other_clock_rules_is_made_anew_once(empty: Place) -> None:
    with closing(opened(empty)) as ours:
        ours.put({ONE: agenda(3, MIDNIGHT)}, 3)
    with closing(opened(empty)) as same:
        assert same.position == 3

    def opened_anew(_: int) -> None:
        with closing(opened(empty, rules=4711)) as changed:
            changed.put({OTHER: agenda(1, LATER)}, changed.position + 1, after=changed.position)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(opened_anew, range(4)))
    with closing(opened(empty, rules=4711)) as changed:
        assert changed.agendas([ONE, OTHER]) == {OTHER: agenda(1, LATER)}
        assert changed.position > 0


def test_a_long_sheet_is_read_a_page_at_a_time_and_equals_a_file(
    sheet: PostgresDeadlineSheet, tmp_path: Path
) -> None:
    orders = {UUID(int=number): agenda(1, MIDNIGHT, LATER) for number in range(11_000)}
    with closing(SqliteDeadlineSheet(tmp_path / "sheets.db")) as file:
        for each in (sheet, file):
            each.put(orders, 1)
        assert sheet.digest() == file.digest()
    assert sum(1 for _ in sheet.rows()) == 22_000


def test_a_dropped_sheet_says_what_to_do_and_comes_back_empty(empty: Place) -> None:
    with closing(opened(empty)) as sheet:
        sheet.put({ONE: agenda(3, MIDNIGHT)}, 3)
        with psycopg.connect(empty.administrator, autocommit=True) as administrator:
            administrator.execute("DROP SCHEMA sheets CASCADE")
        try:
            with pytest.raises(StoreUnavailable, match="spowatch migrate"):
                sheet.claim(MIDNIGHT, limit=1)
            with pytest.raises(StoreUnavailable, match="spowatch migrate"):
                opened(empty)
        finally:
            run_script(empty.administrator, "roles.sql")
            migrate_postgres_sheets(empty.owner, environment={})
            run_script(empty.owner, "grants.sql")
        assert (sheet.position, sheet.next_due()) == (0, None)


def test_a_sheet_from_before_alerts_were_on_it_is_read_anew_after_migrate(empty: Place) -> None:
    with closing(opened(empty)) as sheet:
        sheet.put({ONE: agenda(3, MIDNIGHT)}, 3)
        with psycopg.connect(empty.administrator, autocommit=True) as administrator:
            administrator.execute("UPDATE sheets.schema_version SET version = 1")
        with pytest.raises(StoreUnavailable, match="spowatch migrate"):
            opened(empty)
        migrate_postgres_sheets(empty.owner, environment={})
        assert (sheet.position, sheet.next_due()) == (0, None)
