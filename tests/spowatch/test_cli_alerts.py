import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest

from domain.alerts import AlertCode, AlertRaised, ArrestAlert
from domain.events import Envelope
from spowatch.cli.output import BAD_INPUT, DONE, REFUSED
from spowatch.wiring.store import now
from tests.spowatch.counter import NAME, PERSONAL, REF, Counter


@contextmanager
def tail(desk: Counter, *options: str) -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-m", "spowatch", "alerts", "tail", "--json", *options]
    line = [*command, "--data-dir", str(desk.directory)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SPO_")}
    with subprocess.Popen(
        line,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=heeds_ctrl_c,  # noqa: PLW1509 - no threads here
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def heeds_ctrl_c() -> None:
    """A shell starts what it puts in the background deaf to Ctrl-C, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def raise_by_hand(desk: Counter, *identities: UUID) -> None:
    """Alerts under ids of our choice, saved by the register as the desk would."""
    at = now()
    with desk.store() as store:
        for identity in identities:
            alert = ArrestAlert(identity)
            raised = AlertRaised(
                code=AlertCode.BREACH_ARREST, rule="by-hand", cause=uuid4(), order_id=uuid4(),
                reference=REF, force="Kent", priority=1, due_at=at, raised_at=at,
            )  # fmt: skip
            alert.raise_(raised, Envelope(occurred_at=at, recorded_at=at, entered_at=at))
            store.register.events.put(alert.collect_events())


@pytest.fixture
def busy(desk: Counter) -> Counter:
    desk.order_served()
    desk.zone_breach()
    desk.tell("AddressVisit", desk.ago(hours=2), result="no_reply")
    desk.at_the_desk()
    return desk


def test_the_most_urgent_alert_stands_first(busy: Counter) -> None:
    rows = busy.run("alerts", "list", "--json").json["alerts"]

    assert [(row["kind"], row["priority"]) for row in rows] == [
        ("BREACH_ARREST", 1),
        ("ADDRESS_CHECK_FOLLOW_UP", 4),
    ]
    assert {"id", "cause", "order", "due_at", "raised_at", "late"} <= rows[0].keys()


def test_no_row_of_the_list_names_anybody(busy: Counter) -> None:
    for said in (busy.run("alerts", "list", "--all"), busy.run("alerts", "list", "--json")):
        assert said.status == DONE
        assert REF in said.out
        assert not [words for words in PERSONAL if words in said.out]


def test_the_list_can_be_narrowed_to_arrests_and_to_a_force(busy: Counter) -> None:
    arrests = busy.run("alerts", "list", "--class", "arrest", "--json").json["alerts"]
    elsewhere = busy.run("alerts", "list", "--force", "Essex Police", "--json").json["alerts"]

    assert [row["kind"] for row in arrests] == ["BREACH_ARREST"]
    assert elsewhere == []


def test_a_cut_list_says_how_much_is_left_out(busy: Counter) -> None:
    listed = busy.run("alerts", "list", "--limit", "1", "--json").json

    assert (len(listed["alerts"]), listed["more"]) == (1, 1)


def test_a_withdrawn_alert_is_listed_only_when_asked_for(busy: Counter) -> None:
    busy.tell("BreachRetracted", busy.ago(seconds=1), incident="CAD-1")
    busy.at_the_desk()

    standing = busy.run("alerts", "list", "--json").json["alerts"]
    every = busy.run("alerts", "list", "--all", "--json").json["alerts"]

    assert "BREACH_ARREST" not in {row["kind"] for row in standing}
    assert every[-1]["withdrawn_because"] == "report retracted"


def test_a_few_digits_of_its_id_show_an_alert(busy: Counter) -> None:
    identity = str(busy.alert("BREACH_ARREST"))

    shown = busy.run("alerts", "show", identity[:8])

    assert shown.status == DONE
    assert shown.out.startswith("P1 BREACH_ARREST P-ZONE-DIST")
    assert NAME in shown.out
    assert busy.run("alerts", "show", identity, "--json").json["provenance"]["alert"] == identity


def test_the_briefing_says_where_in_the_log_its_alert_stands(busy: Counter) -> None:
    shown = busy.run("alerts", "show", busy.alert("BREACH_ARREST").hex, "--json").json

    assert shown["provenance"]["position"] > 0


def test_an_erased_subject_still_shows(busy: Counter) -> None:
    identity = busy.alert("BREACH_ARREST")
    busy.erase()

    shown = busy.run("alerts", "show", str(identity))

    assert shown.status == DONE
    assert NAME not in shown.out
    assert "SPA 2019 s.8(1)" in shown.out


def test_an_alert_nobody_raised_is_not_there(busy: Counter) -> None:
    said = busy.run("alerts", "show", str(uuid4()), "--json")

    assert said.status == REFUSED
    assert said.json["error"].startswith("no alert")


@pytest.mark.parametrize("text", ["12345", "not-an-id", "zzzzzzzz"])
def test_what_is_no_alert_id_is_bad_input(busy: Counter, text: str) -> None:
    said = busy.run("alerts", "show", text)

    assert said.status == BAD_INPUT
    assert "6 or more" in said.err


def test_digits_that_two_alerts_share_are_not_enough(desk: Counter) -> None:
    one, other = UUID("abcdef01" + "0" * 24), UUID("abcdef02" + "0" * 24)
    raise_by_hand(desk, one, other)

    said = desk.run("alerts", "show", "abcdef0")

    assert said.status == BAD_INPUT
    assert str(one) in said.err
    assert str(other) in said.err


def test_whoever_watches_sees_what_was_raised_and_what_comes(busy: Counter) -> None:
    with tail(busy, "--from-start") as process:
        assert process.stdout is not None
        first = [json.loads(process.stdout.readline())["kind"] for _ in range(2)]
        busy.contact_breach(incident="CAD-2", minutes=4)
        busy.at_the_desk()
        then = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        status = process.wait(timeout=60)

    assert sorted(first) == ["ADDRESS_CHECK_FOLLOW_UP", "BREACH_ARREST"]
    assert then["condition"] == "P-CONTACT-DIRECT"
    assert not [words for words in PERSONAL if words in str(then)]
    assert status == DONE
