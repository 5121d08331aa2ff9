"""The terminal board as an operator has it: keys alone, the whole program running, killed and started."""

from pathlib import Path

from tests.acceptance.case_files import new_store
from tests.acceptance.systems import bring_in, next_alert, up
from tests.acceptance.terminals import Terminal

ENTER, DOWN = "\r", "\x1b[B"


def board(store: Path, staff: str) -> Terminal:
    where = ("--as", staff, "--force", "kent", "--data-dir", str(store))
    return Terminal("alerts", "work", *where)


def test_an_operator_deals_with_alerts_by_keys_alone_and_hands_over(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    with up(store) as system:
        bring_in(store, "first")
        next_alert(system)
        with board(store, "K1001") as desk:
            a_second_breach_takes_it_back(desk, store)
            desk.kill()
        with board(store, "K1001") as desk:
            desk.shows("2 open, 2 of priority 1", "YOU", "acknowledged")
            deal_with_the_first(desk)
            hand_over_the_second(desk, store)
            assert desk.ended() == 0


def a_second_breach_takes_it_back(desk: Terminal, store: Path) -> None:
    desk.shows("1 open, 0 of priority 1", "breach arrest", "nobody", "supervisor in 4:")
    desk.press("na")
    desk.shows("Done: acknowledge", "YOU", "lease 29:")
    rung = desk.rang
    bring_in(store, "first", "second")
    desk.shows("2 open, 2 of priority 1", "(+1 since)", "nobody", but_not="YOU")
    desk.rings(rung + 1)
    desk.press("na")
    desk.shows("YOU", "acknowledged")


def deal_with_the_first(desk: Terminal) -> None:
    """As far as it is lawful, in whatever order it is tried."""
    desk.press("c")
    desk.shows("OUTCOME_NEEDED")
    desk.press(ENTER)
    desk.shows("Suspected breach of an order in force", "escape goes back")
    desk.press("\x1b")
    desk.press("t" + "KA12" + ENTER + "22-0145" + ENTER)
    desk.shows("Done: task", "tasked")
    desk.press("o")
    desk.shows("1  Arrested", "What came of it?")
    desk.press("99" + ENTER)
    desk.shows("Type a number from 1 to")
    desk.press("\x7f\x7f1" + ENTER + "CD/17" + ENTER)
    desk.shows("Done: outcome")
    desk.press("cyyCR/1/26" + ENTER + "yn" + ENTER)
    desk.shows("PROTECTED_PERSON_NOT_TOLD")
    desk.press("vy" + "telephone" + ENTER)
    desk.shows("Done: victim told")
    desk.press("cyyCR/1/26" + ENTER + "yn")
    desk.shows("1 open", "Done: close")


def hand_over_the_second(desk: Terminal, store: Path) -> None:
    """Whoever has an open priority 1 does not go home; the next shift takes it by name."""
    desk.press("na")
    desk.shows("YOU", "lease 9:")
    desk.press("q")
    desk.shows("OPEN_PRIORITY_ONE", "hand it over before signing off")
    desk.press("h")
    desk.shows("1 to be taken by name")
    with board(store, "K1002") as next_shift:
        next_shift.shows("K1001", "1 open")
        next_shift.press("g")
        next_shift.shows("You have taken nothing")
        next_shift.press("h")
        next_shift.shows("is yours", "YOU")
        next_shift.press("g")
        next_shift.shows("You have signed for the shift of K1001")
    desk.shows("K1002")
    desk.press("q")
