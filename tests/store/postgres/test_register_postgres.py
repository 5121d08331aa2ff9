"""The register on PostgreSQL, and what reads on from its log."""

from datetime import UTC, datetime
from typing import Any, cast

from consumers.log_feed import LogFeed
from domain.dossier import order_id
from domain.register import OrderRegister
from domain.submissions import Submission
from spowatch.store.factory import LogFactory
from spowatch.store.log_postgres import PostgresLog
from spowatch.store.log_reader_postgres import PostgresEventReader
from spowatch.store.mapper import EventMapper
from spowatch.store.shelf import Shelf
from tests.bench.registers import life

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_an_order_lives_and_is_read_again(log: PostgresLog, mapper: EventMapper) -> None:
    any_log = cast("Any", log)
    register = OrderRegister(LogFactory(any_log, mapper), Shelf())
    answers = register.state(Submission("KENT-1", life(NOW), force="Kent"), entered_at=NOW)
    assert not [each.refused_as for each in answers if each.refused_as]
    assert max(each.position or 0 for each in answers) <= (log.max_notification_id() or 0)
    again = OrderRegister(LogFactory(any_log, mapper), Shelf()).order("KENT-1")
    assert again.version == register.order("KENT-1").version

    events = PostgresEventReader(log)
    feed = LogFeed("desk", events, log)
    read = feed.read(limit=100, wait=0)
    assert order_id("KENT-1") in {each.stream_id for each in read}
    feed.commit(read[-1])
    assert LogFeed("desk", events, log).read(limit=100, wait=0) == []
