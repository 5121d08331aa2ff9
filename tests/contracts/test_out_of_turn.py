"""A breach behind a backlog is alerted before it, on either log, and once."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.alerts import AlertRaised
from spowatch.open_store import Store
from spowatch.settings.root import PostgresLogSettings, Settings
from spowatch.wiring.desk import the_desk
from spowatch.wiring.store import migrate, now, opened, sweep
from tests.bench.due_orders import enter_orders, fill_sheet
from tests.servers.postgres import Cluster
from tests.store.postgres.places import run_script, unmigrated
from tests.stories import breach, served_order, tell

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
MISSED = 120
PATIENCE = 240
"""Turns of a quarter of a second at most."""


def settings_on(directory: Path, dsn: str) -> Settings:
    log = PostgresLogSettings(kind="postgres", dsn=SecretStr(dsn))
    return Settings(data_dir=directory, log=log)


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Store]:
    settings = Settings(data_dir=tmp_path)
    migrate(settings)
    with opened(settings) as store:
        yield store


@pytest.fixture
def on_postgres(tmp_path: Path, postgres: Cluster) -> Iterator[Store]:
    place = unmigrated(postgres)
    migrate(settings_on(tmp_path, place.owner))
    run_script(place.owner, "grants.sql")
    with opened(settings_on(tmp_path, place.writer)) as store:
        yield store


@pytest.fixture(params=["on_sqlite", "on_postgres"])
def backlog(request: pytest.FixtureRequest) -> Store:
    found: Store = request.getfixturevalue(request.param)
    return found


def raised(store: Store) -> list[str]:
    """The codes of the alerts there are, in the log's order."""
    rows = store.log.select_notifications(1, 1000, topics=[AlertRaised.TOPIC])
    events = (store.mapper.to_domain_event(each).event for each in rows)
    return [event.code for event in events if isinstance(event, AlertRaised)]


def test_a_breach_reported_behind_many_missed_duties_is_alerted_before_them_and_once(
    backlog: Store,
) -> None:
    store = backlog
    enter_orders(store, MIDNIGHT, MISSED)
    sheet = fill_sheet(store, MIDNIGHT - timedelta(hours=1))
    assert sweep(store, sheet, lambda: MIDNIGHT).raise_due() == MISSED
    sheet.close()
    tell(store, "KENT-1", *served_order(), breach())
    alerts: list[str] = []
    with the_desk(store, now) as desk:
        for _ in range(PATIENCE):
            handled = desk.work(0.25)
            alerts = raised(store)
            if len(alerts) > MISSED and not handled:
                break
    assert alerts[0] == "BREACH_ARREST"
    assert Counter(alerts) == {"BREACH_ARREST": 1, "MISSED_INITIAL": MISSED}
