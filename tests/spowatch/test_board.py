"""The terminal board in its parts: keys as they come, questions, and whose alert a key is meant for."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from rich.console import Console

from domain.consultations import RecordConsulted
from domain.desk.case import AlertCase
from domain.desk.hands import DeskRole, Hand
from domain.desk.outcomes import OutcomeCode
from domain.desk.steps import Conclude
from domain.desk.suppression_desk import SuppressionDesk
from domain.desk.suppressions import SuppressionKind, Wish
from domain.events import holds
from domain.open_alerts import open_alerts
from spowatch.board.answering import Answering
from spowatch.board.board import Board
from spowatch.board.forms import FORMS
from spowatch.board.keyboard import ENTER, ESCAPE, UP, HungUp, Keyboard
from spowatch.board.screen import length, screen
from spowatch.log_pages import pages
from spowatch.open_store import Store
from spowatch.policy_file import PolicyFile
from spowatch.wiring.store import now
from tests.scheduler.test_sweeps import spoil
from tests.stories import breach, fact, served_order, store_at, tell, work_until_idle
from tests.web.test_provider import on_the_rota

OPERATOR = Hand("K1001", DeskRole.OPERATOR, "Kent", "CR-7")
WIDE = 200


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two alerts of two people."""
    with store_at(tmp_path) as store:
        for number in (1, 2):
            tell(store, f"KENT-{number}", *served_order(), breach(incident=f"I-{number}"))
        work_until_idle(store, "alert")
        yield store


def board_of(store: Store, height: int = 40) -> Board:
    board = Board(store, OPERATOR, now, Console(file=StringIO(), width=WIDE, height=height))
    board._look()
    return board


def shown(board: Board, width: int = WIDE) -> str:
    drawn = StringIO()
    Console(file=drawn, width=width).print(screen(board._shown, width, 40))
    return drawn.getvalue()


def test_at_80_columns_nothing_is_cut_that_one_acts_by(store: Store) -> None:
    rows = shown(board_of(store), 80).splitlines()[-2:]
    for row in rows:
        assert " P2 " in row
        assert "nobody" in row
        assert "to be told" in row
    assert all(str(case.id)[:8] in "".join(rows) for case in cases(store).values())


def cases(store: Store) -> dict[str, AlertCase]:
    return {case.reference: case for case in open_alerts(store.register)}


def test_a_key_meant_for_an_alert_that_is_gone_is_not_taken_for_its_neighbour(store: Store) -> None:
    board = board_of(store)
    chosen = board._case
    assert chosen is not None
    retracted = fact(
        "BreachRetracted", "2026-12-05T22:00:00+00:00", incident=f"I-{chosen.reference[-1]}"
    )
    tell(store, chosen.reference, retracted)
    work_until_idle(store, "alert")
    board._look()
    board._press("a")
    assert "Choose an alert first" in shown(board)
    (left,) = cases(store).values()
    assert left.ownership.staff is None
    board._press("j")
    board._press("a")
    assert cases(store)[left.reference].ownership.staff == "K1001"


def test_the_alert_a_form_was_begun_for_is_the_one_it_is_done_to(store: Store) -> None:
    board = board_of(store)
    chosen = board._case
    assert chosen is not None
    for key in "ap":
        board._press(key)
    other = next(case for case in cases(store).values() if case.id != chosen.id)
    other.grade(OPERATOR, now(), priority=1, reason="seen outside")
    store.register.keep([other])
    board._look()
    for key in "1because\r":
        board._press(ENTER if key == "\r" else key)
    assert cases(store)[chosen.reference].priority == 1


def test_what_is_painted_for_the_first_time_is_on_record_once(store: Store) -> None:
    board = board_of(store)
    for _ in range(4):
        board._painted()
        board._look()
    assert {str(case.stage) for case in cases(store).values()} == {"presented"}
    assert [case.version for case in cases(store).values()] == [3, 3]


def test_what_is_not_on_the_screen_is_not_on_record_as_painted(store: Store) -> None:
    board = board_of(store, height=10)
    for _ in range(3):
        board._painted()
        board._look()
    painted = [each for each in cases(store).values() if each.presented_at is not None]
    assert [each.id for each in painted] == [board._shown.rows[0].id]
    drawn = StringIO()
    Console(file=drawn, width=WIDE).print(screen(board._shown, WIDE, 10))
    assert [str(each.id)[:8] in drawn.getvalue() for each in board._shown.rows] == [True, False]


def test_behind_a_briefing_nothing_is_painted(store: Store) -> None:
    board = board_of(store)
    board._shown.text = ["the briefing"]
    board._painted()
    assert not any(each.presented_at for each in cases(store).values())


def test_what_was_painted_off_duty_is_on_record_once_they_come_on(
    store: Store, tmp_path: Path
) -> None:
    on_the_rota(tmp_path, operator="4813")
    file = PolicyFile(tmp_path / "policy.toml", tmp_path / "kept.toml")
    hand, drawn = replace(OPERATOR, staff="4812"), Console(file=StringIO(), width=WIDE, height=40)
    board = Board(replace(store, policy=file), hand, now, drawn)
    board._look()
    board._painted()
    assert {str(case.stage) for case in cases(store).values()} == {"raised"}
    on_the_rota(tmp_path, operator="4812")
    board._shown.now += timedelta(seconds=5)
    board._painted()
    assert "presented" in {str(case.stage) for case in cases(store).values()}


def test_what_is_held_back_on_every_order_is_said_above_the_list(store: Store) -> None:
    board, desk = board_of(store), SuppressionDesk(store.register)
    terms = ["P-ZONE-DIST", "P-APPROACH"]
    wish = Wish(SuppressionKind.MAINTENANCE, terms, "tag being replaced", timedelta(hours=1))
    chief = Hand("K2001", DeskRole.SUPERVISOR, "Kent", "CR-1")
    essex = replace(chief, force="Essex")
    desk.decide(wish, essex, now())
    board._look()
    assert "NOBODY IS TOLD" not in shown(board)
    decision = desk.decide(wish, chief, now())
    desk.decide(replace(wish, lasts=timedelta(hours=2)), chief, now())
    board._look()
    said = "of P-ZONE-DIST and 1 more on every order: maintenance, by K2001 and 1 more"
    assert said in shown(board)
    desk.end(decision.id, OPERATOR, [], now())
    board._look()
    assert "maintenance, by K2001\n" in shown(board).replace(" \n", "\n")


def test_a_lease_that_ran_out_is_nobodys_though_no_sweep_came_by(store: Store) -> None:
    board = board_of(store)
    board._press("a")
    board._look()
    case = board._case
    assert case is not None
    assert case.ownership.lease_until is not None
    assert "YOU" in shown(board)
    board._shown.now = case.ownership.lease_until
    assert "YOU" not in shown(board)
    board._next()
    assert board._case is case


def test_a_briefing_is_read_by_name_and_on_record_or_not_at_all(store: Store) -> None:
    board = board_of(store)
    with closing(sqlite3.connect(store.settings.log_path, isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        board._press(ENTER)
        held.execute("ROLLBACK")
    assert "Alan Example" not in shown(board)
    board._press(ENTER)
    assert "Alan Example" in shown(board)
    (found,) = pages(store, [RecordConsulted.TOPIC])
    read = store.mapper.to_domain_event(found)
    assert holds(read, RecordConsulted)
    assert board._case is not None
    assert (read.event.what, read.event.alert_id) == ("briefing", board._case.id)
    assert (read.envelope.actor, read.envelope.force) == ("K1001", "Kent")


def test_an_alert_that_cannot_be_read_is_counted_and_hides_no_other(store: Store) -> None:
    (first, second) = cases(store).values()
    first.present(OPERATOR, now())
    store.register.keep([first])
    spoil(store, first.id)
    board = board_of(store)
    assert "1 cannot be read" in shown(board)
    assert second.reference in shown(board)


def test_keys_are_read_whole_however_they_arrive() -> None:
    ours, theirs = os.pipe()
    keys = Keyboard(ours)
    os.write(theirs, b"\x1b[Aa\xc3")
    assert [keys.key(1), keys.key(1), keys.key(0)] == [UP, "a", None]
    os.write(theirs, b"\xa9\r\x1b[15~")
    assert [keys.key(1), keys.key(1), keys.key(0)] == ["é", ENTER, None]
    os.write(theirs, b"\x1b")
    assert keys.key(1) == ESCAPE
    os.close(theirs)
    with pytest.raises(HungUp):
        keys.key(1)
    os.close(ours)


def answering(key: str, typed: str) -> Answering:
    title, form = FORMS[key]
    asked = Answering(title, UUID(int=1), form(AlertCase(UUID(int=1))))
    for each in typed:
        asked.press(ENTER if each == "\r" else each)
    return asked


def test_a_form_asks_again_for_what_it_needs_and_makes_the_step() -> None:
    asked = answering("o", "0\r")
    assert asked.problem.startswith("Type a number from 1")
    asked = answering("o", "1\r\r")
    assert asked.problem.startswith("This must be answered")
    step = answering("o", "1\rCD/17\r").step
    assert step == Conclude(outcome=OutcomeCode.ARRESTED, reference="CD/17")


def test_words_that_are_too_long_are_said_to_be_so_and_nothing_is_done() -> None:
    asked = answering("s", "x" * 201 + "\r")
    assert (asked.step, asked.over) == (None, True)
    assert asked.problem.startswith("at scene: unit: ")
    assert "xxx" not in asked.problem


def test_lengths_are_said_as_a_clock_says_them() -> None:
    spans = [timedelta(seconds=each) for each in (-3, 42, 725, 11_400, 187_200)]
    assert [length(each) for each in spans] == ["0:00", "0:42", "12:05", "3 h 10", "2 d 4 h"]
