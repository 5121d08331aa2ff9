"""`line-test status` and `retire`: what is on record of each stage, and who said that one is gone."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from eventsourcing.persistence import Tracking
from typer.testing import CliRunner

from domain.line_tests import LineTest, StageRecord, StageRetired, line_test_stream, stage_stream
from spowatch.cli.app import app
from spowatch.open_store import Store
from tests.stories import store_at

AT = datetime(2026, 11, 22, 2, 14, tzinfo=UTC)
GONE = "console:old-room"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A test was begun, and the console of the old room did not pass it on."""
    with store_at(tmp_path) as store:
        store.log.insert_tracking(Tracking(GONE, 0))
        test, record = LineTest(line_test_stream(0)), StageRecord(stage_stream(GONE))
        test.begin(AT)
        record.missed(GONE, AT, AT)
        store.register.keep([test, record])
        yield store


def asked(store: Store, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(
        app, ["line-test", *words, "--data-dir", str(store.settings.data_dir)]
    )
    return done.exit_code, done.output


def states(store: Store) -> dict[str, str]:
    _, said = asked(store, "status", "--json")
    return {row["stage"]: row["state"] for row in json.loads(said)["stages"]}


def test_a_silent_stage_fails_the_status(store: Store) -> None:
    assert states(store)[GONE] == "SILENT"
    assert asked(store, "status")[0] == 1


def test_a_person_retires_a_stage_with_a_reason_on_record(store: Store) -> None:
    told = ("--as", "K1", "--reason", "moved to the new room")
    assert asked(store, "retire", GONE, *told)[0] == 0
    assert states(store)[GONE] == "retired"
    assert asked(store, "status")[0] == 0
    (retired,) = store.log.select_notifications(1, 100, topics=[StageRetired.TOPIC])
    event = store.mapper.to_domain_event(retired).event
    assert isinstance(event, StageRetired)
    assert (event.staff, event.reason) == ("K1", "moved to the new room")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody", "--as", "K1", "--reason", "gone"), "no stage 'nobody'"),
        ((GONE, "--as", "not a number!", "--reason", "gone"), "--as: a collar"),
    ],
)
def test_what_cannot_be_meant_is_refused(store: Store, words: tuple[str, ...], said: str) -> None:
    status, output = asked(store, "retire", *words)
    assert (status, said in output) == (1, True)
    assert states(store)[GONE] == "SILENT"


def test_before_the_first_test_nothing_is_known(tmp_path: Path) -> None:
    with store_at(tmp_path / "new") as store:
        assert set(states(store).values()) == {"not tested"}
        assert asked(store, "status")[0] == 1
