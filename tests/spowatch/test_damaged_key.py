"""Keys that a disk spoiled: the words of one order's people are out of reach, and nobody else's alert waits for them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

from spowatch.log_pages import alerts_raised
from spowatch.open_store import Store
from spowatch.redriving import waiting
from spowatch.store.vault import protected_key_id
from spowatch.wiring.store import opened, throw_away
from tests.stories import breach, served_order, store_at, tell, work_until_idle

SPOIL = "UPDATE data_keys SET wrapped = zeroblob(60) WHERE key_id = ?"


def spoilt(store: Store, reference: str) -> set[UUID]:
    """On disk, so that whoever opens the store next meets it; the streams that need them."""
    order = store.register.order(reference)
    assert order.subject_id is not None
    with closing(sqlite3.connect(store.settings.keys_path)) as keys, keys:
        for key_id in (order.subject_id, protected_key_id(order.id)):
            keys.execute(SPOIL, [key_id.bytes])
    return {order.id, order.subject_id}


def test_spoilt_keys_keep_nobody_elses_alert_waiting(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        for number in (1, 2):
            person = f"KENT-P-{number}"
            tell(store, f"KENT-{number}", *served_order(), breach(place="Maidstone"), person=person)
        theirs = spoilt(store, "KENT-1")
    with opened(throw_away(tmp_path)) as store:
        said = work_until_idle(store, "alert", "deliver", "sweep")
        assert {each.stream for each in waiting(store)} == theirs
        assert len(list(alerts_raised(store))) == 1
    assert [each["order"] for each in said if each["what"] == "raised"] == ["KENT-2"]
    assert "parked" in {each["what"] for each in said}
