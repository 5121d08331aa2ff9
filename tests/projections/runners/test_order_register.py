"""The order register: it says of every order at any instant what the order says of itself."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from domain.notification import DutyState
from domain.orders import StalkingProtectionOrder
from domain.standing import standing
from projections.order_register import RegisterRow
from projections.store import digest_of
from spowatch.cli.app import app
from spowatch.open_store import Store
from spowatch.order_list import Listing, Search, listed
from spowatch.running.register import role
from spowatch.settings.root import PostgresLogSettings
from spowatch.sheet_names import SheetName
from spowatch.wiring.projections import projection
from spowatch.wiring.store import opened, throw_away
from tests.projections.runners.opened_orders import orders_opened
from tests.projections.runners.reading import INSTANTS
from tests.servers.postgres import Cluster
from tests.store.postgres.places import made
from tests.stories import NOW, breach, fact, served_order, store_at, tell, unnotified_order

MOMENT = timedelta(microseconds=1)


def as_told_by_each(store: Store, now: datetime) -> list[dict[str, Any]]:
    """The list without any sheet: every order folded from the log and judged at `now`."""
    orders = (store.register.order_by_id(identity) for _, identity in orders_opened(store))
    return [_told(order, now) for order in orders]


def _told(order: StalkingProtectionOrder, now: datetime) -> dict[str, Any]:
    position = order.position(max(now, order.known_until or now))
    deadlines = [d.window.deadline for d in position.duties if d.state is DutyState.OPEN]
    return {
        "order": order.reference,
        "force": order.force,
        "status": position.status,
        "in_force": position.in_force,
        "facets": position.facets,
        "next_deadline": min(deadlines).isoformat() if deadlines else None,
        "findings": len(position.findings),
    }


def everything(store: Store, now: datetime) -> list[dict[str, Any]]:
    return listed(store, now, search=Search(), limit=10_000, after=0).orders


@pytest.mark.parametrize("now", INSTANTS, ids=str)
def test_the_list_is_what_every_order_says_of_itself_at_that_moment(
    lives: Store, now: datetime
) -> None:
    expected = as_told_by_each(lives, now)
    assert len(expected) > 100
    assert everything(lives, now) == expected


def test_a_row_holds_to_the_last_moment_before_it_has_to_be_judged_again(lives: Store) -> None:
    """What it says is so at every instant until then; there is none after which it only may be."""
    changed = 0
    with projection(SheetName.ORDER_REGISTER, lives, lambda: NOW) as (runner, sheet):
        runner.catch_up(10**9)
        rows = [RegisterRow(*row) for row in sheet.rows()]  # type: ignore[arg-type]  # a row has the columns of its table
    for row in rows:
        order = lives.register.order_by_id(row.order_id)
        until = row.until or row.known_until + timedelta(days=30 * 365)
        instants = [row.known_until + part * (until - row.known_until) / 7 for part in range(7)]
        for instant in [*instants, until - MOMENT]:
            assert _words(standing(order, instant)) == _words(row.standing), (row, instant)
        changed += row.until is not None and _words(standing(order, until)) != _words(row.standing)
    assert changed > len(rows) / 3


def _words(stands: Any) -> tuple[object, ...]:
    deadline, findings = stands.next_deadline, stands.findings
    return stands.status, stands.in_force, tuple(stands.facets), deadline, findings


def test_the_sheet_is_the_same_made_anew_and_in_portions(lives: Store) -> None:
    with projection(SheetName.ORDER_REGISTER, lives, lambda: NOW) as (runner, sheet):
        runner.catch_up(10**9)
        before = list(sheet.rows())
        assert runner.rebuild() == 0
        assert list(sheet.rows()) == before


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as made:
        yield made


def listing(store: Store, now: datetime = NOW, **narrowed: Any) -> Listing:
    page = {"limit": 50, "after": 0} | {
        n: narrowed.pop(n) for n in ("limit", "after") if n in narrowed
    }
    return listed(store, now, search=Search(**narrowed), **page)


def test_what_was_told_a_moment_ago_is_in_the_list(store: Store) -> None:
    tell(store, "KENT-1", *served_order())
    assert [row["status"] for row in listing(store).orders] == ["full_granted"]
    tell(store, "KENT-1", breach())
    tell(store, "KENT-2", *served_order())
    assert [row["status"] for row in listing(store).orders] == ["breached", "full_granted"]


def test_what_time_alone_brought_is_in_the_list_though_nobody_swept(store: Store) -> None:
    tell(store, "KENT-1", *unnotified_order(), now=datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
    before, after = (datetime(2026, 11, day, 12, 0, tzinfo=UTC) for day in (22, 23))
    (row,) = listing(store, before).orders
    assert row["next_deadline"] == "2026-11-23T00:00:00+00:00"
    assert "notification_overdue" not in row["facets"]
    (row,) = listing(store, after).orders
    assert row["next_deadline"] is None
    assert "notification_overdue" in row["facets"]


def test_an_exemption_that_ends_by_itself_is_off_the_list_on_its_day(store: Store) -> None:
    """Nothing is concluded at that moment, and still a word changes."""
    tell(
        store,
        "KENT-1",
        *served_order(),
        fact("SOA2003NotificationStarted", "2026-11-25T12:00:00+00:00"),
        fact("SOA2003NotificationCeased", "2026-12-05T12:00:00+00:00", final_day="2026-12-20"),
    )
    before, after = (datetime(2026, 12, day, 12, 0, tzinfo=UTC) for day in (19, 20))
    assert "soa_exempt" in listing(store, before).orders[0]["facets"]
    assert "soa_exempt" not in listing(store, after).orders[0]["facets"]


def test_a_list_goes_on_where_it_ended_whatever_it_is_narrowed_to(store: Store) -> None:
    for number in range(5):
        facts = [*served_order(), *([breach()] if number % 2 else [])]
        tell(store, f"KENT-{number}", *facts, person=f"P{number}", force="Kent")
    opened = [position for position, _ in orders_opened(store)]
    first = listing(store, status="full_granted", limit=2)
    assert [row["order"] for row in first.orders] == ["KENT-0", "KENT-2"]
    assert first.next == opened[2]
    rest = listing(store, status="full_granted", limit=2, after=first.next)
    assert ([row["order"] for row in rest.orders], rest.next) == (["KENT-4"], opened[4])
    nobody = listing(store, force="Essex")
    assert (nobody.orders, nobody.next) == ([], opened[4])
    assert listing(store, after=opened[4]).next == opened[4]


def test_orders_are_found_by_officer_and_by_part_of_their_reference(store: Store) -> None:
    theirs = fact("OfficerAssigned", "2026-11-21T08:00:00+00:00", officer="4711")
    tell(store, "KENT/2026/001", *served_order(), theirs, person="P1")
    tell(store, "KENT/2026/011", *served_order(), person="P2")

    def found(**asked: Any) -> list[str]:
        return [row["order"] for row in listing(store, **asked).orders]

    assert found(officer="4711") == ["KENT/2026/001"]
    assert found(reference="kent/2026/0") == ["KENT/2026/001", "KENT/2026/011"]
    assert found(reference="011") == ["KENT/2026/011"]
    assert found(reference="011", officer="4711") == []


def test_counts_and_dates_are_on_the_row_and_nobodys_name(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), breach(incident="one"), breach(incident="two"))
    with projection(SheetName.ORDER_REGISTER, store, lambda: NOW) as (runner, sheet):
        runner.catch_up(10**9)
        (stored,) = sheet.rows()
    row = RegisterRow(*stored)  # type: ignore[arg-type]  # a row has the columns of its table
    assert (row.breaches, row.misses, row.version) == (2, 0, len(_events(store, "KENT-1")))
    assert (str(row.made_on), str(row.last_day)) == ("2026-11-20", "2029-11-19")
    assert row.served_at == datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    for word in ("Alan", "Example", "Vera", "Sample", "Chatham", "Hidden"):
        assert word not in repr(stored)


def _events(store: Store, reference: str) -> list[Any]:
    return list(store.log.select_events(store.register.order(reference).id))


def test_an_order_that_cannot_be_read_to_the_end_stands_as_it_did_and_the_others_are_listed(
    store: Store,
) -> None:
    for number in (1, 2):
        tell(store, f"KENT-{number}", *served_order(), person=f"P{number}")
    listing(store)
    tell(store, "KENT-1", breach())
    tell(store, "KENT-2", breach())
    identity = store.register.order("KENT-1").id
    with closing(sqlite3.connect(store.settings.log_path)) as rows, rows:
        damage = "UPDATE events SET state = '{}' WHERE originator_id = ? AND originator_version = 6"
        assert rows.execute(damage, (identity.bytes,)).rowcount == 1
    found = listing(store)
    assert [row["status"] for row in found.orders] == ["full_granted", "breached"]
    assert found.parked == 1
    assert listing(store).parked == 1
    parked = store.log.select_notifications(1, 1000, topics=["spo.event-parked.v1"])
    told = [store.mapper.to_domain_event(each).event for each in parked]
    assert [(each.reader, each.version) for each in told] == [("order_register", 6)]  # type: ignore[attr-defined]  # what stands there is known


def test_a_rebuild_from_the_command_line_says_what_was_other_and_the_digest_what_it_is(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        listing(store)
    before = _said("digest", tmp_path)["projections"]["order_register"]
    assert _said("rebuild", tmp_path, "order_register") == {
        "order_register": {"rows": 1, "differed": 0}
    }
    with closing(sqlite3.connect(tmp_path / "projections.db")) as rows, rows:
        (form,) = rows.execute("SELECT name FROM form WHERE live").fetchone()
        rows.execute(f"UPDATE {form} SET status = 'discharged'")  # noqa: S608 - words of our own
    assert _said("digest", tmp_path)["projections"]["order_register"] != before
    assert _said("rebuild", tmp_path, "order_register")["order_register"]["differed"] == 2
    assert _said("digest", tmp_path)["projections"]["order_register"] == before


def _said(command: str, directory: Path, *arguments: str) -> Any:
    line = [command, *arguments, "--data-dir", str(directory), "--json"]
    result = CliRunner().invoke(app, line, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_sheet_that_is_no_sheet_is_named_with_what_to_do(tmp_path: Path) -> None:
    with store_at(tmp_path):
        (tmp_path / "projections.db").write_bytes(b"not a database at all" * 100)
    line = ["orders", "list", "--data-dir", str(tmp_path)]
    result = CliRunner().invoke(app, line, catch_exceptions=False)
    assert result.exit_code == 1
    assert "projections.db" in result.stderr
    assert "delete it" in result.stderr


def test_the_sheet_is_the_same_in_a_database_as_in_a_file(
    tmp_path: Path, postgres: Cluster
) -> None:
    place = made(postgres)
    log = PostgresLogSettings(kind="postgres", dsn=SecretStr(place.writer))
    (tmp_path / "file").mkdir()
    in_database = throw_away(tmp_path / "file").model_copy(update={"log": log})
    digests = []
    with store_at(tmp_path / "file") as filed, opened(in_database) as kept:
        for store in (filed, kept):
            for number in range(3):
                tell(store, f"KENT-{number}", *served_order(), breach(), person=f"P{number}")
            with projection(SheetName.ORDER_REGISTER, store, lambda: NOW) as (runner, sheet):
                runner.catch_up(10**9)
                digests.append(digest_of(sheet.rows()))
                tell(store, "KENT-1", breach("2026-12-05T20:00:00+00:00", incident="next"))
            with role("project", store, lambda _: None) as work:
                assert work(0) > 0
            assert [row["findings"] for row in everything(store, NOW)] == [1, 2, 1]
            with projection(SheetName.ORDER_REGISTER, store, lambda: NOW) as (runner, sheet):
                assert runner.rebuild() == 0
                digests.append(digest_of(sheet.rows()))
    assert digests[:2] == digests[2:]
    assert digests[0] != digests[1]
