"""A shift is handed over, and alerts are held back, at a terminal."""

from datetime import timedelta

import pytest

from domain.open_alerts import open_alerts
from spowatch.cli.output import BAD_INPUT, DONE, REFUSED
from spowatch.wiring.store import now, opened, throw_away
from tests.spowatch.counter import Counter

OPERATOR, COLLEAGUE, SUPERVISOR = (
    ("--as", "K1001"),
    ("--as", "K1002"),
    ("--as", "K2001", "--role", "supervisor"),
)
KENT = ("--force", "kent")


@pytest.fixture
def alert(desk: Counter) -> str:
    """An alert of priority 1 that K1001 has."""
    desk.order_served()
    desk.zone_breach()
    desk.at_the_desk()
    first = desk.run("alerts", "list", "--json").json["alerts"][0]
    assert (first["kind"], first["priority"]) == ("BREACH_ARREST", 1)
    assert desk.run("desk", "acknowledge", first["id"], *OPERATOR).status == DONE
    return str(first["id"])


def test_nobody_goes_home_with_an_open_priority_1_and_its_hand_over_lets_them(
    desk: Counter, alert: str
) -> None:
    refused = desk.run("desk", "sign-off", *OPERATOR, *KENT)
    assert (refused.status, "OPEN_PRIORITY_ONE" in refused.err) == (REFUSED, True)
    prepared = desk.run(
        "desk", "handover", "prepare", *OPERATOR, *KENT, "--note", "KA21 waits there", "--json"
    ).json
    listed = desk.run("desk", "handover", "list").out
    assert "KA21 waits there" in listed
    assert "with K1001 until " in listed
    assert "still to be told, by " in listed
    assert "taken by nobody yet" in listed
    assert [each["id"] for each in prepared["alerts"]] == [alert]
    unsigned = desk.run("desk", "handover", "sign", prepared["id"], *COLLEAGUE)
    assert (unsigned.status, "ALERTS_NOT_ACCEPTED" in unsigned.err) == (REFUSED, True)
    oneself = desk.run("desk", "handover", "accept", prepared["id"], alert, *OPERATOR)
    assert "HANDOVER_TO_ONESELF" in oneself.err
    taken = desk.run("desk", "handover", "accept", prepared["id"], alert, *COLLEAGUE, "--json")
    assert taken.json["owner"] == "K1002"
    assert "signed" in desk.run("desk", "handover", "sign", prepared["id"], *COLLEAGUE).out
    assert desk.run("desk", "handover", "list").out == ""
    assert desk.run("desk", "sign-off", *OPERATOR, *KENT).status == DONE


def test_what_somebody_else_has_by_now_keeps_no_shift_waiting(desk: Counter, alert: str) -> None:
    prepared = desk.run("desk", "handover", "prepare", *OPERATOR, *KENT, "--json").json
    with opened(throw_away(desk.directory)) as store:
        (case,) = [each for each in open_alerts(store.register) if str(each.id) == alert]
        case.advance(now() + timedelta(hours=1))
        store.register.keep([case])
    assert desk.run("desk", "acknowledge", alert, *SUPERVISOR).status == DONE
    lost = desk.run("desk", "handover", "accept", prepared["id"], alert, *COLLEAGUE)
    assert "OWNED_BY_ANOTHER" in lost.err
    assert desk.run("desk", "handover", "sign", prepared["id"], *COLLEAGUE).status == DONE


def hold(desk: Counter, *more: str) -> str:
    wanted = ("--kind", "maintenance", "--condition", "P-CONTACT-DIRECT", "--minutes", "60")
    decided = desk.run(
        "desk", "suppression", "record", *SUPERVISOR, *KENT, *wanted, "--reason", "drill", *more
    )
    assert decided.status == DONE, decided.err
    return decided.out.split()[0]


def test_a_decision_stands_on_the_list_until_it_is_ended(desk: Counter) -> None:
    decision = hold(desk)
    hold(desk, "--minutes", "30")
    listed = desk.run("desk", "suppression", "list", *KENT)
    assert [line.split()[1:3] for line in listed.out.splitlines()] == [["maintenance", "of"]] * 2
    assert listed.out.splitlines()[1].startswith(decision)
    assert "by K2001: drill" in listed.out
    assert desk.run("desk", "suppression", "list", "--force", "Essex").out == ""
    assert desk.run("desk", "suppression", "end", decision, *OPERATOR, *KENT).status == DONE
    standing = desk.run("desk", "suppression", "list", *KENT, "--json").json["suppressions"]
    assert len(standing) == 1
    every = desk.run("desk", "suppression", "list", *KENT, "--all").out
    assert len(every.splitlines()) == 2


def test_a_rule_is_disabled_once_a_second_supervisor_agrees(desk: Counter) -> None:
    proposal = hold(desk, "--kind", "rule_disabled")
    listed = desk.run("desk", "suppression", "list", *KENT, "--json").json
    assert (listed["suppressions"], len(listed["proposals"])) == ([], 1)
    agreeing = ("desk", "suppression", "agree", proposal)
    assert "SECOND_PERSON_NEEDED" in desk.run(*agreeing, *SUPERVISOR, *KENT).err
    second = ("--as", "K2002", "--role", "supervisor")
    agreed = desk.run(*agreeing, *second, *KENT)
    assert "by K2001 and K2002: drill" in agreed.out
    assert "0 proposals begin with" in desk.run(*agreeing, *second, *KENT).err
    withdrawn = hold(desk, "--kind", "rule_disabled")
    assert desk.run("desk", "suppression", "end", withdrawn, *OPERATOR, *KENT).status == DONE
    assert len(desk.run("desk", "suppression", "list", *KENT).out.splitlines()) == 1


@pytest.mark.parametrize(
    ("more", "problem", "status"),
    [
        (("--condition", "P-NONE"), "there is no term 'P-NONE'", BAD_INPUT),
        (("--as", "no number"), "--as: write a collar or payroll number", BAD_INPUT),
        (("--reason", "x" * 201), "--reason: write at most 200 characters", BAD_INPUT),
        (("--reason", " "), "REASON_NEEDED", REFUSED),
        (("--minutes", "900"), "SUPPRESSION_TOO_LONG", REFUSED),
        (("--minutes", "0"), "--minutes", BAD_INPUT),
        (("--force", "Ruritania"), "--force: unknown force", BAD_INPUT),
        (("--role", "operator"), "SUPERVISOR_NEEDED", REFUSED),
        (("--kind", "custody"), "CUSTODY_NEVER_HOLDS_CONTACT", REFUSED),
        (("--kind", "rule_disabled", "--minutes", "1500"), "SUPPRESSION_TOO_LONG", REFUSED),
        (("--order", "KENT/9"), "UNKNOWN_ORDER", REFUSED),
        (("--force", "Essex", "--order", "KENT/2026/00001"), "OF_ANOTHER_FORCE", REFUSED),
    ],
)
def test_what_may_not_be_held_is_refused_with_what_to_do(
    desk: Counter, more: tuple[str, ...], problem: str, status: int
) -> None:
    desk.order_served()
    wanted = ("--kind", "maintenance", "--condition", "P-CONTACT-DIRECT", "--minutes", "60")
    command = ("desk", "suppression", "record", *SUPERVISOR, *KENT, *wanted, "--reason", "drill")
    refused = desk.run(*command, *more)
    assert (refused.status, problem in refused.err) == (status, True), refused.err


@pytest.mark.parametrize("command", ["prepare", "accept", "sign", "list"])
def test_a_hand_over_nobody_knows_is_said_so(desk: Counter, command: str) -> None:
    needed = {
        "prepare": (*OPERATOR, *KENT),
        "accept": ("abcdef", "abcdef", *OPERATOR),
        "sign": ("abcdef", *OPERATOR),
        "list": (),
    }[command]
    said = desk.run("desk", "handover", command, *needed)
    unknown = command in {"accept", "sign"}
    assert said.status == (REFUSED if unknown else DONE)
    assert ("see `desk handover list`" in said.err) is unknown
