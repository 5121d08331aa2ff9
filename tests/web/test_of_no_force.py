"""A breach told without a force, of an order nobody knows: everybody's to see, and theirs who take it first."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.access import Role
from domain.desk.case import AlertCase
from domain.facts.breaches import BreachReported
from spowatch.serving.entries import StoreEntries
from tests.stories import NOW, store_at, tell
from tests.web.callers import ApiProgram
from tests.web.site import TERM, Caller, Site, breach_now
from web.access import Person
from web.api.alerts import _data
from web.board import Change
from web.board_rows import row_of
from web.entering import Entry

ESSEX = Person("92", Role.CONTROL_SYSTEM, "Essex", "api")
EVERY_FORCE = Person("tags", Role.PROVIDER, "", "tags", everywhere=True)


def test_a_machine_of_every_force_states_facts_of_none(tmp_path: Path) -> None:
    happened = NOW - timedelta(hours=1)
    said = {"occurred_at": happened.isoformat(), "condition": TERM, "source": "tag_provider"}
    with store_at(tmp_path) as store:
        entries = StoreEntries(store, lambda: NOW)
        entered = entries.enter(Entry(BreachReported, "NOBODYS-1", said, EVERY_FORCE))
        order = store.register.order_by_id(entered.order_id)
        assert [each.envelope.force for each in order.facts] == [""]


def test_an_alert_of_no_force_stands_on_every_board_until_somebody_takes_it(site: Site) -> None:
    tell(site.store, "NOBODYS-2", breach_now("i-none"), now=datetime.now(UTC))
    alert = site.alert("NOBODYS-2")
    kent, essex = Caller(site, "91", "Kent"), Caller(site, "91", "Essex")
    kent.board_with(alert)
    listening = ApiProgram(site, staff="92", force="Essex", role="operator")
    assert "NOBODYS-2" in {each["order"] for each in listening.get("/alerts").json()["alerts"]}
    for caller in (kent, essex):
        assert "NOBODYS-2" in caller.board_with(alert)
        assert caller.get(f"/alerts/{alert}").status_code == 200
    before = row_of(site.store.register.read(AlertCase(alert)), 1, datetime.now(UTC))
    assert kent.post(f"/alerts/{alert}/acknowledge").status_code == 303
    after = row_of(site.store.register.read(AlertCase(alert)), 2, datetime.now(UTC))
    told = _data(ESSEX, Change(1, alert, None, before))
    assert told is not None
    assert json.loads(told)["open"]
    assert _data(ESSEX, Change(2, alert, before, after)) == f'{{"id":"{alert}","open":false}}'
    assert _data(ESSEX, Change(3, alert, after, after)) is None
    taken = site.store.register.read(AlertCase(alert))
    assert (taken.force, taken.ownership.staff) == ("Kent", "91")
    assert essex.get(f"/alerts/{alert}").status_code == 404
