"""What of many alerts stands on one page."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from domain.access import Role
from domain.alerts import AlertCode
from domain.desk.case import AlertCase
from domain.desk.hands import DeskRole, Hand
from domain.desk.record import Stage
from spowatch.log_pages import alerts_raised
from spowatch.running.register import role
from tests.stories import NOW, breach, served_order, store_at, tell
from web.access import Person
from web.api.alerts import _data, stands
from web.board import Change
from web.board_rows import BoardRow, row_of
from web.rendering import rendered
from web.views import EVERY_FORCE, MOST_ROWS, May, View, gone_json, lists, painted_json, row_json

KENTS = View("Kent", "arrest", "Kent")


def one_row(directory: Path) -> BoardRow:
    """An alert of a breach that waits."""
    with store_at(directory) as store:
        tell(store, "KENT-1", *served_order())
        tell(store, "KENT-1", breach())
        with role("alert", store, lambda _: None, lambda: NOW) as work:
            while work(0):
                pass
        (_, alert) = next(iter(alerts_raised(store)))
        row = row_of(store.register.read(AlertCase(alert)), 1, NOW)
    assert row is not None
    return row


def test_acts_that_somebody_has_take_no_room_from_what_waits(tmp_path: Path) -> None:
    waits = one_row(tmp_path)
    taken = [replace(waits, id=uuid4(), owner="11") for _ in range(MOST_ROWS)]
    lone = replace(waits, id=uuid4(), subject_id=None, priority=4)
    told = lists([waits, *taken, lone], KENTS)
    assert len(told["waiting"]) == 2
    assert str(lone.id) in told["waiting"][1]
    assert str(waits.id) in told["waiting"][0]


def test_what_a_full_list_leaves_out_is_the_least_urgent_in_whichever_entry(tmp_path: Path) -> None:
    one = one_row(tmp_path)
    urgent = replace(one, id=uuid4(), priority=1)
    acts = [replace(one, id=uuid4(), priority=3) for _ in range(MOST_ROWS)]
    other = replace(one, id=uuid4(), subject_id=None, priority=2)
    told = "".join(lists([urgent, *acts, other], KENTS)["waiting"])
    assert f'id="alert-{urgent.id}"' in told
    assert f'id="alert-{other.id}"' in told
    assert told.count("data-row=") == MOST_ROWS


def test_a_row_that_is_held_says_who_has_it_all_the_same(tmp_path: Path) -> None:
    row = one_row(tmp_path)
    held = replace(row, held_until=row.raised.raised_at + timedelta(hours=1))
    assert "Held until" in KENTS.html(held)
    assert "told <span" not in KENTS.html(held)
    taken = KENTS.html(replace(held, owner="11", stage=Stage.ACKNOWLEDGED))
    assert "Held until" in taken
    assert "<strong>11</strong> has it" in taken


def test_what_no_board_shows_is_not_told_and_what_one_shows_is(tmp_path: Path) -> None:
    row = one_row(tmp_path)
    later = row.raised.raised_at + timedelta(minutes=7)
    unseen = [
        {"version": 9, "position": 9},
        {"presented": True, "stage": Stage.PRESENTED, "version": 2, "position": 2},
    ]
    seen: list[dict[str, object]] = [
        {"owner": "11", "stage": Stage.ACKNOWLEDGED, "lease_until": later},
        {"resounded": 1},
        {"priority": 3},
        {"same_person": 2},
        {"withdrawn": True},
        {"held_until": later},
        {"offered_to": "Essex"},
        {"force": ""},
        {"tells": DeskRole.SUPERVISOR, "tells_at": later},
        {"owner": "11", "lease_until": later, "stage": Stage.TASKED, "telling_open": True},
    ]
    for told in (*unseen, *seen):
        after = replace(row, **told)  # type: ignore[arg-type]  # fields of a row, by name
        looks = [
            rendered("board_row.html", row=each, may=May(take=True, open=True), says="")
            for each in (row, after, after.shown)
        ]
        assert looks[1] == looks[2]
        assert (looks[0] == looks[1]) == (told in unseen), told
        change = KENTS.told([Change(9, row.id, row, after)])
        if told in seen:
            assert (
                change
                == f"[{row_json(after.shown, May(take=True, open=True), unpainted=True, spoken='en')}]"
            )
    assert KENTS.told([Change(9, row.id, row, replace(row, **unseen[0]))]) is None  # type: ignore[arg-type]  # as above
    painted = KENTS.told([Change(9, row.id, row, replace(row, **unseen[1]))])  # type: ignore[arg-type]  # as above
    assert painted == f"[{painted_json(row.id)}]"
    twice, thrice = (replace(row, resounded=number, owner="11") for number in (2, 3))
    assert KENTS.told([Change(9, row.id, twice, thrice)]) is None


def test_what_came_and_went_while_it_was_gathered_is_told_to_pages_made_in_between(
    tmp_path: Path,
) -> None:
    row = one_row(tmp_path)
    theirs, taken = replace(row, force="Essex"), replace(row, owner="11", stage=Stage.ACKNOWLEDGED)
    gone = f"[{gone_json(row.id)}]"
    assert KENTS.told([Change(9, row.id, None, None)]) is None
    assert KENTS.told([Change(9, row.id, None, None, between=(row,))]) == gone
    assert KENTS.told([Change(9, row.id, theirs, theirs, between=(row,))]) == gone
    assert KENTS.told([Change(9, row.id, None, None, between=(theirs,))]) is None
    again = KENTS.told([Change(9, row.id, row, row, between=(taken,))])
    assert again == KENTS.told([Change(9, row.id, taken, row)])
    assert again is not None


def test_a_program_is_told_that_what_came_and_went_while_it_was_gathered_is_over(
    tmp_path: Path,
) -> None:
    row = one_row(tmp_path)
    theirs = replace(row, force="Essex", raised=row.raised.model_copy(update={"force": "Essex"}))
    program = Person("11", Role.OPERATOR, "Kent", "desk-1")
    over = f'{{"id":"{row.id}","open":false}}'
    assert _data(program, Change(9, row.id, None, None)) is None
    assert _data(program, Change(9, row.id, None, None, between=(row,))) == over
    assert _data(program, Change(9, row.id, theirs, theirs, between=(row,))) == over
    assert _data(program, Change(9, row.id, None, None, between=(theirs,))) is None


def test_a_row_leads_to_its_alert_for_those_alone_to_whom_its_page_is_open(tmp_path: Path) -> None:
    row = one_row(tmp_path)
    glass = replace(row, raised=row.raised.model_copy(update={"code": AlertCode.GLASS_BROKEN}))
    desk = View("Kent", "arrest", "Kent Police")
    reviewers = View("Kent", "arrest", "Kent", works=False, briefed=False, reviews=True)
    others = View(EVERY_FORCE, "arrest", "Essex")
    link = f'href="/alerts/{row.id}"'
    assert [link in view.html(row) for view in (desk, reviewers, others)] == [True, False, False]
    assert [link in view.html(glass) for view in (desk, reviewers, others)] == [False, True, False]


def test_a_row_says_that_the_protected_person_was_not_told_in_time(tmp_path: Path) -> None:
    late = replace(one_row(tmp_path), owner="11", telling_overdue=True)
    assert "Protected person not told in time" in KENTS.html(late)
    assert late.shown != replace(late, telling_overdue=False).shown


def test_a_program_is_told_when_the_protected_person_was(tmp_path: Path) -> None:
    row = replace(one_row(tmp_path), telling_open=False, told_at=NOW)
    program = Person("11", Role.OPERATOR, "Kent", "desk-1")
    told = json.loads(_data(program, Change(9, row.id, None, row)) or "")
    assert told["protected_person_told_at"] == NOW.isoformat().replace("+00:00", "Z")


def test_a_program_is_told_the_same_next_change_on_the_stream_as_when_it_asks(
    tmp_path: Path,
) -> None:
    row = one_row(tmp_path)
    with store_at(tmp_path) as store:
        case = store.register.read(AlertCase(row.id))
        case.acknowledge(Hand("11", DeskRole.OPERATOR, "Kent", "desk-1"), NOW)
        asked = json.loads(bytes(stands(case).body))
        taken = row_of(case, 2, NOW)
    program = Person("11", Role.OPERATOR, "Kent", "desk-1")
    told = json.loads(_data(program, Change(9, row.id, row, taken)) or "")
    assert told["next_change"] is not None
    assert told == asked
    assert taken is not None
    assert taken.shown == replace(taken, next_change=None).shown
