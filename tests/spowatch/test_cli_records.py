import json
from inspect import Parameter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.command_names import FACT_OF
from domain.vocabulary import FACT_TYPES
from spowatch.cli.app import app
from spowatch.cli.output import BAD_INPUT, DONE, REFUSED
from spowatch.cli.record_options import field_options, own_parameters
from spowatch.cli.records import _COMMON
from spowatch.wording.field_words import FIELD_WORDS
from tests.spowatch.counter import ACCOUNT, CONTACT, NAME, PERSONAL, REF, ZONE, Counter, Said

PINNED = {
    "apply": "ApplicationMade",
    "grant-interim": "InterimOrderGranted",
    "grant-full": "FullOrderGranted",
    "serve": "OrderServed",
    "vary": "OrderVaried",
    "renew": "OrderRenewed",
    "discharge": "OrderDischarged",
    "receive-notification": "NotificationReceived",
    "use-name": "NameUsed",
    "change-address": "HomeAddressChanged",
    "report-breach": "BreachReported",
}


def zone_breach(desk: Counter, *more: str, typed: str | bytes | None = None) -> Said:
    return desk.run(
        "record", "report-breach", REF, "--condition", "P-ZONE-DIST",
        "--occurred-at", desk.ago(minutes=20), "--place", "Maidstone", "--json", *more, typed=typed,
    )  # fmt: skip


def told(desk: Counter) -> str:
    return desk.run("order", "show", REF).out


def test_every_fact_has_one_command_and_every_command_one_fact() -> None:
    assert set(FACT_OF.values()) == set(FACT_TYPES)
    assert len(set(FACT_OF.values())) == len(FACT_OF)
    assert PINNED.items() <= dict(FACT_OF).items()


@pytest.mark.parametrize("fact", sorted(FACT_TYPES))
def test_every_field_of_a_fact_is_an_option_that_explains_itself(fact: str) -> None:
    kind = FACT_TYPES[fact]
    options = field_options(kind)
    parameters: list[Parameter] = own_parameters(kind)

    assert {option.name for option in options} == set(kind.model_fields)
    assert {option.name for option in options} <= set(FIELD_WORDS)
    assert not {parameter.name for parameter in parameters} & set(_COMMON)


@pytest.mark.parametrize("command", sorted(FACT_OF))
def test_every_command_has_its_help(command: str) -> None:
    said = CliRunner().invoke(app, ["record", command, "--help"])

    assert said.exit_code == DONE
    assert (FACT_TYPES[FACT_OF[command]].__doc__ or "").split()[0] in said.stdout


def test_help_tells_what_each_field_asks_for() -> None:
    said = CliRunner().invoke(app, ["record", "report-breach", "--help"]).stdout
    words = " ".join(said.replace("│", " ").split())

    assert "--occurred-at" in words
    assert "--no-defendant-aw" in words
    assert "The account of what" in words


def test_an_order_is_applied_for_made_and_served_at_the_keyboard(desk: Counter) -> None:
    steps = [
        (
            "apply", "--applicant", "chief_officer", "--nexus", "resides", "--force", "Kent",
            "--defendant", json.dumps({"name": NAME}), "--protected", "Anna Field",
        ),
        (
            "grant-full", "--until", "further_order", "--defendant-present",
            "--conditions", json.dumps(ZONE), "--conditions", json.dumps(CONTACT),
        ),
        ("serve", "--method", "in_person"),
    ]  # fmt: skip
    said = [desk.run("record", step[0], REF, *step[1:], "--json") for step in steps]
    shown = desk.run("order", "show", REF, "--json").json

    assert [each.status for each in said] == [DONE, DONE, DONE]
    assert (shown["status"], shown["in_force"], shown["force"]) == ("full_granted", "full", "Kent")
    assert [term["code"] for term in shown["terms"]["conditions"]] == [
        "P-ZONE-DIST", "P-CONTACT-DIRECT",
    ]  # fmt: skip


def test_a_recorded_breach_says_which_alert_will_come(desk: Counter) -> None:
    desk.order_served()

    said = zone_breach(desk)
    desk.at_the_desk()

    assert said.status == DONE
    assert [alert["kind"] for alert in said.json["alerts"]] == ["BREACH_ARREST"]
    assert said.json["alerts"][0]["id"] == str(desk.alert("BREACH_ARREST"))
    assert said.json["position"] > 0
    assert len(said.json["event_ids"]) == 1


def test_an_account_need_not_stand_in_the_shell_history(desk: Counter) -> None:
    desk.order_served()

    said = zone_breach(desk, "--narrative", "-", typed=ACCOUNT + "\n")

    assert said.status == DONE
    assert ACCOUNT in told(desk)
    assert not [words for words in PERSONAL if words in said.out]


def test_an_account_may_lie_in_a_file(desk: Counter, tmp_path: Path) -> None:
    desk.order_served()
    (tmp_path / "account.txt").write_text(ACCOUNT, encoding="utf-8")

    said = zone_breach(desk, "--from-file", f"narrative={tmp_path / 'account.txt'}")
    missing = zone_breach(desk, "--from-file", "narrative=nowhere.txt")

    assert (said.status, missing.status) == (DONE, BAD_INPUT)
    assert ACCOUNT in told(desk)
    assert "cannot be read" in missing.json["error"]


def test_a_whole_fact_may_come_as_json(desk: Counter) -> None:
    desk.order_served()
    data = {"condition": "P-ZONE-DIST", "occurred_at": desk.ago(hours=1), "narrative": ACCOUNT}

    said = desk.run(
        "record", "report-breach", REF, "--data", "-", "--set", "measured-m=41",
        "--set", "source=tag", "--markers", "threat", "--markers", "weapon",
        typed=json.dumps(data),
    )  # fmt: skip
    shown = told(desk)

    assert said.status == DONE
    assert "measured m 41.0" in shown
    assert "markers threat, weapon" in " ".join(shown.split())


def test_standard_input_cannot_be_two_things(desk: Counter) -> None:
    desk.order_served()

    said = zone_breach(desk, "--narrative", "-", "--data", "-", typed="{}")

    assert said.status == BAD_INPUT
    assert "already read" in said.json["error"]


def test_a_command_sent_twice_is_recorded_once(desk: Counter) -> None:
    desk.order_served()

    first, again = (zone_breach(desk, "--command-id", "c-1").json for _ in range(2))

    assert again["repeated"]
    assert again["event_ids"] == first["event_ids"]
    assert told(desk).count("Breach reported:") == 1


def test_what_the_law_does_not_allow_is_refused_with_its_section(desk: Counter) -> None:
    desk.order_served()

    said = desk.run("record", "vary", REF, "--applicant", "neighbour", "--json")

    assert said.status == REFUSED
    assert said.json["code"] == "S4_APPLICANT_NOT_ELIGIBLE"
    assert said.json["section"].startswith("SPA 2019 s.4")
    assert said.json["reason"].endswith(".")


def test_the_role_of_the_applicant_is_not_the_role_of_the_clerk(desk: Counter) -> None:
    desk.order_served()

    said = desk.run(
        "record", "vary", REF, "--applicant", "chief_officer", "--role", "court-liaison",
        "--applicant-role", "applied_for_order", "--heard", "defendant", "--removes",
        "P-CONTACT-DIRECT", "--json",
    )  # fmt: skip

    assert said.json["code"] is None
    assert "role applied_for_order" in told(desk)


def test_a_slip_in_the_reference_opens_no_order(desk: Counter) -> None:
    said = desk.run("record", "serve", "KENT/2026/99999", "--json")

    assert said.status == REFUSED
    assert said.json["error"].startswith("UNKNOWN_ORDER")
    assert desk.run("orders", "list", "--json").json["orders"] == []


def test_an_order_entered_without_its_application_says_its_history_is_assumed(
    desk: Counter,
) -> None:
    said = desk.run("record", "grant-full", REF, "--until", "further_order", "--force", "Kent")

    assert said.status == DONE
    assert "what came before is assumed" in said.out


def test_a_service_entered_late_asks_for_a_look_before_an_arrest(desk: Counter) -> None:
    desk.order_made()

    late = desk.run("record", "serve", REF, "--at", desk.ago(days=9), "--json").json

    assert [alert["kind"] for alert in late["alerts"]] == ["MISSED_REVIEW_LATE_RECORDING"]


def test_a_service_known_in_time_though_entered_late_is_an_arrest(desk: Counter) -> None:
    desk.order_made()
    when = desk.ago(days=9)

    desk.run("record", "serve", REF, "--at", when, "--recorded-at", when)
    desk.at_the_desk()
    raised = desk.run("alerts", "list", "--class", "arrest", "--json").json["alerts"]

    assert [alert["kind"] for alert in raised] == ["MISSED_INITIAL"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--condition", "P-NOPE"), "condition"),
        (("--occurred-at", "2026-11-21T10:00"), "occurred_at"),
        (("--at", "2999-01-01T00:00:00Z"), "--at"),
        (("--at", "yesterday"), "--at"),
        (("--measured-m", "NaN"), "measured_m"),
        (("--measured-m", "-4"), "measured_m"),
        (("--set", "colour=red"), "colour"),
        (("--set", "colour"), "--set"),
        (("--data", "[1]"), "--data"),
        (("--data", '{"place": "a", "place": "b"}'), "--data"),
        (("--force", "Kentish"), "force"),
        (("--narrative", "x" * 20_001), "narrative"),
        (("--narrative", "\udce9"), "narrative"),
        (("--data", '{"narrative": "\\ud800"}'), "--data"),
        (("--actor", "\udce9"), "actor"),
    ],
)
def test_bad_input_names_the_field_and_records_nothing(
    desk: Counter, options: tuple[str, ...], named: str
) -> None:
    desk.order_served()

    said = zone_breach(desk, *options)

    assert said.status == BAD_INPUT
    assert said.json["error"].startswith(named)
    assert "Breach reported:" not in told(desk)


def test_an_account_in_another_encoding_is_bad_input(desk: Counter) -> None:
    desk.order_served()

    said = zone_breach(desk, "--narrative", "-", typed="caf\xe9".encode("latin-1"))

    assert said.status == BAD_INPUT
    assert "UTF-8" in said.json["error"]


def test_an_order_of_no_force_is_not_begun_as_another_s(desk: Counter) -> None:
    given = '{"code":"P-CONTACT-DIRECT","wording":"x"}'
    terms = ("--made-on", "2026-11-20", "--until", "further_order", "--conditions", given)

    said = desk.run("record", "grant-full", "WMP-55", *terms, "--defendant-present")

    assert said.status == BAD_INPUT
    assert "force: is missing; name the force the order belongs to" in said.err
    with desk.store() as store:
        assert not store.register.knows("WMP-55")
