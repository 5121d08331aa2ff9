"""Where the person lives, that force must know too: looked up after the alert, by its own desk said once."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from consumers.channels.console import ConsoleFile
from consumers.console_feed import ConsoleFeed
from consumers.delivery import Board, ConsoleDelivery
from consumers.line_watch import LineWatch
from domain.desk.routing import HomeForceFound
from spowatch.log_pages import alerts
from spowatch.open_store import Store
from spowatch.wording.alert_rows import rows
from tests.stories import NOW, breach, fact, served_order, store_at, tell, work_until_idle


def broke_it(store: Store, home: str, **act: Any) -> None:
    told = served_order()
    told[-1]["data"]["home_address"] = home
    tell(store, "KENT-1", *told, breach(**act))
    work_until_idle(store, "alert", "episodes")


def found(store: Store) -> list[str]:
    placed = store.log.select_notifications(1, 1000, topics=[HomeForceFound.TOPIC])
    events = [store.mapper.to_domain_event(each).event for each in placed]
    return [each.force for each in events if isinstance(each, HomeForceFound)]


class Room:
    """A console of one force's desk."""

    def __init__(self, folder: Path, store: Store, force: str) -> None:
        folder.mkdir()

        def concerns(forces: Sequence[str]) -> bool:
            return force in forces

        self._console = ConsoleFile(folder / "console.jsonl")
        self.file = folder / "console.jsonl"
        line = LineWatch(folder / "line.json", lambda: 0.0, lambda: NOW, within=75)
        feed = ConsoleFeed(force, store.events, store.log)
        self._delivery = ConsoleDelivery(
            feed, store.register, self._console, lambda _: None, lambda: NOW, Board(line, concerns)
        )

    def said(self) -> list[dict[str, Any]]:
        while self._delivery.work(0):
            pass
        return [json.loads(each) for each in self.file.read_text().splitlines()]

    def close(self) -> None:
        self._console.close()


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with store_at(tmp_path / "store") as store:
        yield store


def test_the_force_of_the_home_is_found_once_where_the_alert_does_not_name_it(store: Store) -> None:
    broke_it(store, "5 Castle Road, Colchester")
    assert found(store) == ["Essex"]
    work_until_idle(store, "episodes")
    assert found(store) == ["Essex"]
    (row,) = rows(alerts(store).values())
    assert (row["answers"], row["must_know"]) == ("Kent", ["Essex"])


@pytest.mark.parametrize(
    ("home", "place"),
    [("1 High Street, Chatham", None), ("5 Castle Road, Colchester", "3 Mill Lane, Colchester")],
)
def test_a_force_that_is_named_already_is_told_nothing_new(
    store: Store, home: str, place: str | None
) -> None:
    broke_it(store, home, **({} if place is None else {"place": place}))
    assert found(store) == []


def test_its_desk_is_told_of_the_alert_and_of_its_end_and_no_other_twice(
    store: Store, tmp_path: Path
) -> None:
    rooms = {force: Room(tmp_path / force, store, force) for force in ("Essex", "Kent", "Cumbria")}
    broke_it(store, "5 Castle Road, Colchester")
    said = {force: room.said() for force, room in rooms.items()}
    assert [(each["what"], each["must_know"]) for each in said["Essex"]] == [("raised", ["Essex"])]
    assert [each["what"] for each in said["Kent"]] == ["raised"]
    assert said["Cumbria"] == []
    tell(store, "KENT-1", fact("BreachRetracted", "2026-12-05T23:00:00+00:00"))
    work_until_idle(store, "alert", "episodes")
    assert [each["what"] for each in rooms["Essex"].said()] == ["raised", "withdrawn"]
    for room in rooms.values():
        room.close()
