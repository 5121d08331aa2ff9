"""A facts file and a register of which something cannot be read."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from spowatch.cli.output import BAD_INPUT
from spowatch.unread_messages import unsettled
from tests.spowatch.counter import REF, Counter, Said


@pytest.fixture
def damaged(desk: Counter) -> Counter:
    """A fact of one order on record is not what was written."""
    desk.order_served()
    with closing(sqlite3.connect(desk.directory / "log.db")) as log, log:
        damage = "UPDATE events SET state = '{}' WHERE topic LIKE 'spo.order-served.%'"
        assert log.execute(damage).rowcount == 1
    return desk


def told(desk: Counter, tmp_path: Path, *flags: str) -> Said:
    act = {"occurred_at": desk.ago(hours=1), "condition": "P-PROXY"}
    breach = {"t": desk.ago(minutes=1), "type": "BreachReported", "data": act}
    applied = {"applicant": "chief_officer", "force": "Kent", "nexus": "resides"}
    application = {"t": desk.ago(days=1), "type": "ApplicationMade", "data": applied}
    lines = [
        {"order": "NEW/1", "given": [application]},
        {"given": [breach | {"order": REF}, application | {"order": "NEW/2"}]},
        {"order": REF, "given": [{"t": desk.ago(minutes=1), "type": "NameUsed", "data": {"name": "A"}}]},
        {"order": "NEW/3", "given": [application]},
    ]  # fmt: skip
    path = tmp_path / "facts.jsonl"
    path.write_text("".join(f"{json.dumps(each)}\n" for each in lines))
    return desk.run("import", str(path), *flags)


def spoken_of(said: Said) -> list[Any]:
    rows = [json.loads(row) for row in said.out.splitlines()]
    return [(row["line"], row["order"], row.get("code")) for row in rows]


def test_an_order_that_cannot_be_read_is_named_and_every_other_line_is_taken(
    damaged: Counter, tmp_path: Path
) -> None:
    said = told(damaged, tmp_path, "--json")

    assert said.status == BAD_INPUT
    assert spoken_of(said) == [
        (1, "NEW/1", None),
        (2, "NEW/2", None),
        (2, REF, "ORDER_UNREADABLE"),
        (3, REF, "ORDER_UNREADABLE"),
        (4, "NEW/3", None),
    ]


def test_a_breach_reported_on_it_is_put_before_a_person_once_however_often_it_is_imported(
    damaged: Counter, tmp_path: Path
) -> None:
    told(damaged, tmp_path)
    said = told(damaged, tmp_path)
    with damaged.store() as store:
        (waiting,) = unsettled(store)
    assert f"line 2: {REF}: What is on record of this order cannot be read" in said.out
    assert waiting.unread.reason.startswith(f"order {REF}, line 2 of a file")


def test_a_dry_run_names_it_and_puts_nothing_before_anybody(
    damaged: Counter, tmp_path: Path
) -> None:
    said = told(damaged, tmp_path, "--dry-run")
    with damaged.store() as store:
        assert unsettled(store) == []
    assert (said.status, REF in said.out) == (BAD_INPUT, True)
