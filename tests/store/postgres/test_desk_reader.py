"""The desk's reader brings along what the desk asks for next, and the desk decides by it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from pydantic import SecretStr

from consumers.desk_worker import CONCERNS_THE_DESK
from consumers.on_other_orders import WHICH_ORDERS, elsewhere
from domain.batches import read_all
from domain.brought import BringAlong, Brought
from domain.desk.hands import DeskRole, Hand
from domain.desk.suppression_desk import SuppressionDesk
from domain.desk.suppressions import SuppressionKind, Wish, suppressions_stream
from domain.dossier import order_id
from domain.open_alerts import open_alerts
from domain.orders import StalkingProtectionOrder
from spowatch.open_store import Store
from spowatch.running.register import role
from spowatch.settings.root import PostgresLogSettings, Settings
from spowatch.store.log_postgres import PostgresLog
from spowatch.store.log_reader_postgres import PostgresDeskReader
from spowatch.wiring.store import migrate, opened
from tests.store.other_processes import stored
from tests.store.postgres.places import Place
from tests.stories import NOW, breach, served_order, tell

HOUR = timedelta(hours=1)
SUPERVISOR = Hand("K2001", DeskRole.SUPERVISOR, "Kent", "CR-1")
EARLIER = breach("2026-12-03T21:00:00+00:00", t="2026-12-03T22:00:00+00:00")


def on(directory: Path, dsn: str) -> Settings:
    return Settings(
        data_dir=directory, log=PostgresLogSettings(kind="postgres", dsn=SecretStr(dsn))
    )


@pytest.fixture
def store(tmp_path: Path, place: Place) -> Iterator[Store]:
    migrate(on(tmp_path, place.owner))
    with opened(on(tmp_path, place.writer)) as store:
        yield store


def test_streams_of_the_topics_come_whole_and_of_others_what_is_new(log: PostgresLog) -> None:
    concerned, aside, elsewhere = uuid4(), uuid4(), uuid4()
    log.insert_events([stored(elsewhere, version) for version in (1, 2, 3)])
    log.insert_events([stored(concerned), stored(aside)])
    [at] = log.insert_events([stored(concerned, 2)])
    along = BringAlong(["test.written.v1"], {elsewhere: 1, uuid4(): 0})
    [reference] = PostgresDeskReader(log, along).read(at - 1, limit=10, wait=0)
    assert (reference.position, reference.stream_id, reference.version) == (at, concerned, 2)
    versions = {
        stream: [each.originator_version for each in held]
        for stream, held in along.brought.items()
        if held
    }
    assert versions == {concerned: [1, 2], elsewhere: [2, 3]}
    assert len(along.brought) == 3
    assert along.taken()
    assert not along.brought


def test_nothing_is_brought_for_what_does_not_concern_the_desk(log: PostgresLog) -> None:
    streams = [uuid4() for _ in range(5)]
    log.insert_events([stored(each) for each in streams])
    along = BringAlong(["another.v1"], {streams[0]: 0})
    found = PostgresDeskReader(log, along).read(1, limit=3, wait=0)
    assert [(each.position, each.stream_id) for each in found] == list(
        enumerate(streams[1:4], start=2)
    )
    assert not along.brought


def test_the_orders_of_a_person_come_along_and_are_not_asked_for(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), person="P-1")
    tell(store, "KENT-2", *served_order(), person="P-1")
    before = store.log.max_notification_id() or 0
    tell(store, "KENT-1", EARLIER)
    along = BringAlong(CONCERNS_THE_DESK, of_people=WHICH_ORDERS)
    PostgresDeskReader(store.log, along).read(before, limit=10, wait=0)  # type: ignore[arg-type]  # PostgreSQL here
    order = store.register.order("KENT-1")
    assert order.subject_id is not None
    assert [each.topic for each in along.brought[order.subject_id]] == [*WHICH_ORDERS] * 2
    alone: Brought = {order.subject_id: along.brought[order.subject_id][:1]}
    store.log.close()
    assert elsewhere(store.register, [order], alone) == {}


def test_of_an_event_that_is_none_nobody_comes_along_and_the_rest_does(log: PostgresLog) -> None:
    broken, whole, person = uuid4(), uuid4(), uuid4()
    meta = b'{"meta":{"subject_id":"%b"},"event":{}}' % str(person).encode()
    log.insert_events([StoredEvent(broken, 1, "test.written.v1", b"\xff\x00{")])
    log.insert_events([StoredEvent(whole, 1, "test.written.v1", meta)])
    log.insert_events(
        [StoredEvent(person, 1, "born.v1", b""), StoredEvent(person, 2, "linked.v1", b"{}")]
    )
    along = BringAlong(["test.written.v1"], of_people=["linked.v1"])
    assert len(PostgresDeskReader(log, along).read(0, limit=10, wait=0)) == 4
    held = {key: [each.originator_version for each in some] for key, some in along.brought.items()}
    assert held == {broken: [1], whole: [1], person: [2]}


def test_a_running_desk_hears_of_a_new_decision(store: Store) -> None:
    tell(store, "KENT-1", *served_order())
    with role("alert", store, lambda _: None, lambda: NOW + HOUR / 60) as work:
        tell(store, "KENT-1", EARLIER)
        while work(0):
            pass
        wish = Wish(SuppressionKind.MAINTENANCE, ["P-CONTACT-DIRECT"], "tag replaced", HOUR)
        SuppressionDesk(store.register).decide(wish, SUPERVISOR, NOW)
        tell(store, "KENT-1", breach())
        while work(0):
            pass
    assert [each.holding.until for each in open_alerts(store.register)] == [None, NOW + HOUR]


def test_what_was_brought_is_not_read_again(store: Store, place: Place) -> None:
    tell(store, "KENT-1", *served_order())
    wish = Wish(SuppressionKind.MAINTENANCE, ["P-CONTACT-DIRECT"], "tag replaced", HOUR)
    desk = SuppressionDesk(store.register)
    decision = desk.decide(wish, SUPERVISOR, NOW)
    decided, order = suppressions_stream("Kent"), order_id("KENT-1")
    brought = store.log.select_streams([decided, order])
    store.log.close()
    assert list(desk.of("Kent", brought).decisions) == [decision.id]
    assert desk.of("Kent", brought).version == desk.versions()[decided] == 1
    [read] = read_all(store.register, StalkingProtectionOrder, [order], brought=brought).values()
    assert read.version == len(brought[order])
