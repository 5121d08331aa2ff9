"""What keeps alerts from a board is said on it: records nobody can read, and a line that is silent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from domain.desk.hands import DeskRole, Hand
from domain.desk.suppression_desk import SuppressionDesk
from domain.desk.suppressions import SuppressionKind, Wish
from domain.line_tests import LineTest, StageRecord, line_test_stream, stage_stream
from domain.parked import discard, park, redrive
from domain.published import EventReader, OrderEvent
from domain.unread import MessageSettled, MessageUnread, TurnedOut, record_unread, unread_stream
from spowatch.open_store import Store
from spowatch.serving.board_start import begin
from spowatch.unread_messages import settled
from tests.acceptance.test_dead_letters import Damage
from tests.stories import NOW, breach, served_order, store_at, tell, work_until_idle
from tests.web.site import Site
from tests.web.walks import sign_in
from web.board import Board
from web.language import speaking
from web.rendering import rendered
from web.views import View
from web.works import State, Works

WITHIN = 80.0
HOUR = timedelta(hours=1)
FORCES = ("Kent", "Essex")
SUPERVISOR = Hand("K2001", DeskRole.SUPERVISOR, "Kent", "CR-1")


class Asked(EventReader):
    """A reader of the log that notes from where it was asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.after: list[int] = []

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        self.after.append(after)
        return self._store.events.read(after, limit=limit, wait=wait)


class Watched:
    """A board of a store, and a steady clock that stands until it is moved."""

    def __init__(self, store: Store) -> None:
        self.at, self.now = 1000.0, NOW
        self.reader = Asked(store)
        works = Works(store.register, lambda: self.at, within=WITHIN)
        self.board = Board(self.reader, store.register, works, lambda *_: None, lambda: self.now)


def test_a_board_begins_from_its_sheet_and_shows_what_one_that_read_everything_shows(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        work_until_idle(store, "alert", "project")
        read = store.log.max_notification_id() or 0
        tell(store, "KENT-2", *served_order(), breach())
        work_until_idle(store, "alert")
        whole, from_sheet = Watched(store), Watched(store)
        whole.board.fill()
        begin(from_sheet.board, store)
        from_sheet.board.fill()
        assert from_sheet.reader.after[0] >= read
        assert [(row.id, row.version, row.same_person) for row in from_sheet.board.rows()[0]] == [
            (row.id, row.version, row.same_person) for row in whole.board.rows()[0]
        ]
        assert len(whole.board.rows()[0]) == 2


def test_an_alert_the_sheet_could_not_read_is_counted_by_a_board_that_begins_from_it(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        work_until_idle(store, "alert")
        whole = Watched(store)
        whole.board.fill()
        damage = Damage(store, whole.board.rows()[0][0].id, 1)
        work_until_idle(store, "project")
        board = Watched(store).board
        begin(board, store)
        assert (board.rows()[0], board.state().unreadable) == ([], 1)
        assert board.state().parked > 0
        damage.mend()
        again = Watched(store).board
        begin(again, store)
        assert (len(again.rows()[0]), again.state().unreadable) == (1, 0)


@pytest.mark.parametrize("settled", ["redriven", "discarded"])
def test_a_record_is_warned_of_until_a_person_settled_it(tmp_path: Path, settled: str) -> None:
    """On a board that stands, and on one that begins anew from its sheet."""
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        work_until_idle(store, "alert", "project")
        event, now = store.events.read(0, limit=1, wait=0)[0], datetime.now(UTC)
        parked = park(store.register, "desk", event, ValueError(), now)
        store.register.keep([parked])
        board = Watched(store).board
        board.fill()
        assert board.state().parked == 1
        register, identity = store.register, parked.id
        done = (
            redrive(register, identity, "ops-1", now)
            if settled == "redriven"
            else discard(register, identity, "Told by telephone", "ops-1", now)
        )
        register.keep([done])
        board.fill()
        work_until_idle(store, "project")
        again = Watched(store).board
        begin(again, store)
        assert (board.state().parked, again.state().parked) == (0, 0)


def test_a_message_nobody_can_read_is_warned_of_until_a_person_settled_it(tmp_path: Path) -> None:
    """On a board that stands, and on one that begins anew from its sheet."""
    with store_at(tmp_path) as store:
        work_until_idle(store, "project")
        unread = message(7)
        record_unread(store.register, [unread, message(8)], NOW)
        board, again = Watched(store).board, Watched(store).board
        board.fill()
        assert (board.state().messages, board.state().whole) == (2, False)
        asked = [unread_stream(unread)]
        said = MessageSettled(turned_out=TurnedOut.NO_REPORT, reason="a test of theirs")
        assert [settled(store, asked, said, "4812") for _ in range(2)] == [asked, []]
        board.fill()
        work_until_idle(store, "project")
        begin(again, store)
        assert (board.state().messages, again.state().messages) == (1, 1)


def test_a_line_that_was_tested_and_is_tested_no_more_is_silent_in_ninety_seconds(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        watched = Watched(store)
        watched.board.fill()
        watched.at += 10 * WITHIN
        assert watched.board.state().whole
        _tested(store)
        watched.board.fill()
        watched.at += WITHIN
        assert watched.board.state().whole
        watched.at += 10
        assert watched.board.state().silent


def test_a_stage_that_let_a_test_pass_by_is_named_until_it_is_heard(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        stage, now = StageRecord(stage_stream("reconciler")), datetime.now(UTC)
        stage.missed("reconciler", now, now)
        store.register.keep([stage])
        board = Watched(store).board
        board.fill()
        assert board.state().stages == ("reconciler",)
        stage.passed("reconciler", now)
        store.register.keep([stage])
        board.fill()
        assert board.state().whole


def test_what_a_force_is_not_told_of_stands_on_its_boards_until_it_ends(tmp_path: Path) -> None:
    """On a board that stands, on one that begins anew from its sheet, and in words; of one force only."""
    with store_at(tmp_path) as store:
        work_until_idle(store, "project")
        desk, watched = SuppressionDesk(store.register), Watched(store)
        watched.board.fill()
        wish = Wish(SuppressionKind.RULE_DISABLED, ["P-ZONE-DIST"], "false zone alarms", HOUR)
        proposal = desk.propose(wish, SUPERVISOR, NOW)
        watched.board.fill()
        assert watched.board.state().disabled == ()
        desk.agree(proposal.id, replace(SUPERVISOR, staff="K2002"), NOW)
        watched.board.fill()
        work_until_idle(store, "project")
        again = Watched(store)
        begin(again.board, store)
        shown = watched.board.state()
        assert len(shown.disabled) == 1
        assert again.board.state() == shown
        assert [len(View(force, "arrest", force).of(shown).disabled) for force in FORCES] == [1, 0]
        with speaking("en"):
            said = rendered("board_works.html", works=shown)
        assert "Nobody is told of some alerts of Kent until" in said
        assert "Decided by K2001 and K2002." in said
        watched.now = NOW + HOUR
        assert watched.board.state().disabled == ()


def test_what_keeps_alerts_away_is_said_in_words() -> None:
    with speaking("en"):
        said = rendered("board_works.html", works=State(1, 2, 3, None, True, ("sweep",)))  # noqa: FBT003 - in the order of its fields
    unread = "1 alert cannot be read", "2 records cannot be read", "3 messages that came in cannot"
    for words in (*unread, "spowatch dead-letters list", "LINE SILENT", "sweep"):
        assert words in said


def test_an_alert_nobody_can_read_is_said_on_the_board_and_comes_once_it_is_mended(
    own_site: Site, page: Page
) -> None:
    own_site.order("KENT-BAD-1")
    own_site.breach("KENT-BAD-1")
    alert = own_site.alert("KENT-BAD-1")
    own_site.program.kill()
    damage = Damage(own_site.store, alert, 1)
    own_site.restart()
    sign_in(page, own_site)
    notice = page.get_by_text("1 alert cannot be read")
    expect(notice).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(0)
    damage.mend()
    expect(page.locator(f"#alert-{alert}")).to_be_visible()
    expect(notice).to_be_hidden()


def test_the_last_test_of_the_line_stands_on_the_open_board(site: Site, page: Page) -> None:
    sign_in(page, site)
    expect(page.get_by_text("The line has not been tested yet.")).to_be_visible()
    _tested(site.store)
    expect(page.get_by_text("Last test of the line:")).to_contain_text("ago")


def message(offset: int) -> MessageUnread:
    place = {"topic": "spo.intake.v1", "partition": 0, "offset": offset, "reader": "intake"}
    return MessageUnread.model_validate(place | {"reason": "not JSON", "sha256": f"{offset:064x}"})


def _tested(store: Store) -> None:
    test, now = LineTest(line_test_stream(0)), datetime.now(UTC)
    test.begin(now)
    test.raise_("arrest-desk", now)
    store.register.keep([test])
