"""What an open page of an alert is told by its stream."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from domain.access import Role
from domain.desk.case import AlertCase
from domain.desk.desk import AlertDesk
from domain.desk.outcomes import OutcomeCode
from domain.desk.steps import Acknowledge, Close, Conclude
from domain.open_alerts import open_alerts
from spowatch.open_store import Store
from tests.program import PATIENCE
from tests.stories import NOW, breach, fact, served_order, store_at, tell, work_until_idle
from tests.web.told_events import told_event
from web.access import Person
from web.alert_pages import _versions
from web.board import Board, Change
from web.hub import Hub
from web.sessions import Session
from web.works import Works

KENTS = Person("4812", Role.OPERATOR, "Kent", "desk-1")
ESSEXS = Person("22", Role.OPERATOR, "Essex", "desk-2")


def test_a_withdrawal_after_the_closing_is_told_to_an_open_page(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        alert, told = closed(store), list[Change]()
        works = Works(store.register, monotonic, within=60)
        board = Board(store.events, store.register, works, lambda news, _: told.extend(news), now)
        board.fill()
        told.clear()
        tell(store, "KENT-1", fact("BreachRetracted", "2026-12-05T22:00:00+00:00", incident="I-1"))
        work_until_idle(store, "alert")
        board.work(0)
        case = store.register.read(AlertCase(alert))
    assert (case.open, case.withdrawn is None) == (False, False)
    assert heard(told, KENTS)[-1] == (alert, case.version)
    assert alert not in dict(heard(told, ESSEXS))


def closed(store: Store) -> UUID:
    tell(store, "KENT-1", *served_order(), breach(incident="I-1"))
    work_until_idle(store, "alert")
    (case,) = open_alerts(store.register)
    same = Conclude(outcome=OutcomeCode.DUPLICATE_OF, reference="another")
    for step in (Acknowledge(), same, Close()):
        AlertDesk(store.register).do(case.id, KENTS.hand, NOW, step)
    return case.id


def now() -> datetime:
    return NOW


def heard(changes: list[Change], person: Person) -> list[tuple[UUID, int]]:
    """Which alerts' pages are told of it in that person's browser, and their version."""

    async def told() -> list[tuple[UUID, int]]:
        hub = Hub()
        hub.open(asyncio.get_running_loop(), 0)
        system = cast("Any", SimpleNamespace(hub=hub, now=now))
        stream = _versions(system, Session("token", "", person, NOW), 0, None)
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        hub.publish(changes, changes[-1].position)
        events = [told_event(await first)]
        while events[-1].name != "beat":
            events.append(told_event(await anext(stream)))
        data = (json.loads(each.data) for each in events[:-1])
        return [(UUID(each["id"]), each["version"]) for each in data]

    return asyncio.run(asyncio.wait_for(told(), PATIENCE))
