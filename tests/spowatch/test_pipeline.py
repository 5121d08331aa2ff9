import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import Tracking
from typer.testing import CliRunner

from domain.line_tests import StageRecord, stage_stream
from domain.unread import MessageSettled, TurnedOut, record_unread, unread_stream
from spowatch.cli.app import app
from spowatch.cli.output import DONE
from spowatch.open_store import Store
from spowatch.pipeline import Pipeline, pipeline
from spowatch.settings.root import KafkaTransport
from spowatch.sheet_names import SheetName
from spowatch.unread_messages import settled
from tests.stories import NOW, breach, served_order, store_at, tell, work_until_idle
from tests.web.test_works import message


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as made:
        yield made


def sheets(found: Pipeline) -> dict[str, tuple[int | None, int, int]]:
    return {each.name: (each.position, each.behind, each.parked) for each in found.sheets}


def test_where_nothing_runs_everything_is_behind(store: Store) -> None:
    tell(store, "KENT-1", *served_order())
    found = pipeline(store)
    assert found.head > 0
    assert (found.readers, found.sheets, found.silent, found.parked) == ({}, [], [], 0)


def test_every_stage_says_how_far_it_is(store: Store) -> None:
    tell(store, "KENT-1", *served_order())
    work_until_idle(store, "sweep", "alert", "project")
    head = pipeline(store).head
    tell(store, "KENT-1", breach())
    found = pipeline(store)
    behind = found.head - head
    assert behind > 0
    assert sheets(found) == dict.fromkeys(("deadline_sheet", *SheetName), (head, behind, 0))
    assert found.readers["arrest-desk"] == head
    assert found.as_dict()["behind"]["arrest-desk"] == behind


def test_over_a_broker_the_relay_is_a_stage_and_places_at_the_broker_are_none(
    store: Store,
) -> None:
    tell(store, "KENT-1", *served_order())
    store.log.insert_events([], tracking=Tracking("arrest-desk@spo.alert.requested.v1:0#x", 3))
    settings = store.settings.model_copy(
        update={"transport": KafkaTransport(kind="kafka", bootstrap="127.0.0.1:1")}
    )
    found = pipeline(replace(store, settings=settings))
    assert found.readers == {"relay": 0}
    assert not settings.relay_path.exists()
    assert found.as_dict()["behind"] == {"relay": found.head}


def test_what_a_sheet_goes_without_is_counted(store: Store) -> None:
    tell(store, "KENT-1", *served_order())
    work_until_idle(store, "project")
    tell(store, "KENT-1", breach())
    with closing(sqlite3.connect(store.settings.log_path)) as rows, rows:
        damage = "UPDATE events SET state = '{}' WHERE topic = 'spo.breach-reported.v1'"
        assert rows.execute(damage).rowcount == 1
    work_until_idle(store, "project")
    found = pipeline(store)
    without = {name for name, (_, _, parked) in sheets(found).items() if parked}
    assert without == set(SheetName) - {SheetName.ARREST_BOARD}
    assert found.parked == len(without)


def test_a_message_nobody_could_read_is_counted_until_it_is_settled(store: Store) -> None:
    told = message(7)
    record_unread(store.register, [told, message(8)], NOW)
    assert pipeline(store).unread == 2
    said = MessageSettled(turned_out=TurnedOut.NO_REPORT, reason="a test of theirs")
    settled(store, [unread_stream(told)], said, "4812")
    assert pipeline(store).unread == 1


def test_a_stage_is_silent_until_it_is_heard_again(store: Store) -> None:
    def say(what: str, *words: Any) -> None:
        record = store.register.read(StageRecord(stage_stream("sweep")))
        getattr(record, what)("sweep", *words)
        store.register.keep([record])

    say("missed", NOW, NOW)
    assert pipeline(store).silent == ["sweep"]
    say("passed", NOW)
    assert pipeline(store).silent == []


def test_the_team_on_call_reads_it_at_a_terminal(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        work_until_idle(store, "project")
        tell(store, "KENT-1", breach())
    said = CliRunner().invoke(app, ["pipeline", "--data-dir", str(tmp_path)])
    assert said.exit_code == DONE
    assert "arrest_board: " in said.stdout
    assert " behind" in said.stdout
    assert "Example" not in said.stdout
