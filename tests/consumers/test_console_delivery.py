"""A console shows what is on disk, each once, also where its batch is cut short."""

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from consumers.channels.console import ConsoleFile
from consumers.console_feed import ConsoleFeed
from consumers.delivery import Board, ConsoleDelivery
from consumers.line_watch import LineWatch
from domain.published import OrderEvent
from spowatch.open_store import Store
from tests.stories import NOW, breach, served_order, store_at, tell, work_until_idle


class Desk:
    """A console whose file and screen are looked at."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.path = folder / "console.jsonl"
        self.shown: list[tuple[str, int]] = []
        """The stream or alert of each message shown, and how many lines were synced by then."""
        self.syncs = 0
        self.console = ConsoleFile(self.path)
        line = LineWatch(folder / "line.json", lambda: 0.0, lambda: NOW, within=75)
        feed = ConsoleFeed("one", store.events, store.log)
        self.delivery = ConsoleDelivery(
            feed, store.register, self.console, self._show, lambda: NOW, Board(line)
        )

    def _show(self, message: dict[str, Any]) -> None:
        self.shown.append((message["alert"], self.syncs))

    def close(self) -> None:
        self.console.close()

    @property
    def lines(self) -> list[str]:
        return [json.loads(each)["alert"] for each in self.path.read_text().splitlines()]


@contextmanager
def counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    sync = os.fsync

    def synced(file: int) -> None:
        sync(file)
        desk.syncs += 1

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", synced)
        yield


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[Desk]:
    with closing(Desk(tmp_path, store)) as desk:
        yield desk


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path / "store") as store:
        for number in range(5):
            tell(store, f"KENT-{number}", *served_order(), breach())
        work_until_idle(store, "alert")
        yield store


def test_what_came_together_is_synced_once_and_shown_after_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counted(desk, monkeypatch):
        while desk.delivery.work(0):
            pass
    assert [alert for alert, _ in desk.shown] == desk.lines
    assert len(desk.lines) == 5
    assert all(synced > 0 for _, synced in desk.shown)
    assert desk.syncs < 5


def test_what_was_said_before_the_batch_failed_is_shown_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    message, left = desk.delivery._message, iter((True, True, False))

    def until_the_database_is_gone(event: OrderEvent) -> dict[str, Any] | None:
        said = message(event)
        if said is not None and not next(left, True):
            raise ConnectionError
        return said

    with monkeypatch.context() as database:
        database.setattr(desk.delivery, "_message", until_the_database_is_gone)
        with pytest.raises(ConnectionError):
            desk.delivery.work(0)
    assert len(desk.shown) == 2
    while desk.delivery.work(0):
        pass
    assert [alert for alert, _ in desk.shown] == desk.lines
    assert len(set(desk.lines)) == 5
