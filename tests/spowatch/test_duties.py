"""Notification compliance: overdue first, invalid attempts shown and never counted, receipts named."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from projections.compliance import Compliance
from spowatch.cli.app import app
from spowatch.compliance import DutyRow, duties_of
from tests.stories import Fact, fact, served_order, store_at, tell, unnotified_order

BEFORE = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AFTER = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def duties_at(directory: Path, now: datetime) -> list[DutyRow]:
    with store_at(directory) as store:
        return list(duties_of(store, now))


def test_a_duty_goes_from_due_to_due_soon_to_overdue_at_midnight(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=BEFORE)
    states = [duties_at(tmp_path, now)[0].state for now in (BEFORE, SOON, AFTER)]
    assert states == [Compliance.DUE, Compliance.DUE_SOON, Compliance.OVERDUE]


def test_a_telephone_call_is_shown_as_an_attempt_and_the_duty_stays_open(tmp_path: Path) -> None:
    call = fact(
        "NotificationReceived",
        "2026-11-21T09:00:00+00:00",
        by="defendant",
        method="telephone",
        station_area="home_address_area",
        names=["Alan Example"],
        home_address="1 High Street",
    )
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), call, now=BEFORE)
    (duty,) = duties_at(tmp_path, BEFORE)
    assert duty.attempts_not_valid == ("NOTIFICATION_METHOD_INVALID",)
    assert duty.state is Compliance.DUE


def test_a_met_duty_says_when_and_whether_a_receipt_was_given(tmp_path: Path) -> None:
    unreceipted = served_order()
    unreceipted[-1]["data"]["acknowledgement_issued"] = False
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unreceipted, now=AFTER)
    (duty,) = duties_at(tmp_path, AFTER)
    assert (duty.state, duty.receipt) == (Compliance.MET, "NOT ISSUED")


def listed(directory: Path, *options: str) -> Any:
    told = CliRunner().invoke(
        app, ["duties", "list", "--json", "--data-dir", str(directory), *options]
    )
    assert told.exit_code == 0, told.output
    return json.loads(told.output)["duties"]


def a_year_before(facts: list[Fact]) -> list[Fact]:
    """The same life long enough ago that the real clock of the command finds it settled."""
    moved: list[Fact] = json.loads(json.dumps(facts).replace("2026-", "2025-"))
    return moved


def test_the_list_shows_what_needs_somebody_and_nobodys_name(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *a_year_before(served_order()), now=AFTER)
        tell(store, "KENT-2", *a_year_before(unnotified_order()), now=AFTER)
    (overdue,) = listed(tmp_path)
    assert (overdue["order"], overdue["state"]) == ("KENT-2", "overdue")
    assert "Example" not in json.dumps(overdue)
    assert [duty["order"] for duty in listed(tmp_path, "--state", "met")] == ["KENT-1"]
    assert listed(tmp_path, "--force", "Surrey") == []


def test_a_state_that_does_not_exist_is_named() -> None:
    told = CliRunner().invoke(app, ["duties", "list", "--state", "tardy"])
    assert told.exit_code == 2
    assert "due_soon" in told.output


def test_an_officer_sees_the_orders_that_are_theirs_now(tmp_path: Path) -> None:
    given_to = [
        fact("OfficerAssigned", f"2026-11-21T0{hour}:00:00+00:00", officer=officer)
        for hour, officer in ((8, "4711"), (9, "KP-0815"))
    ]
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), *given_to, now=BEFORE)
        tell(store, "KENT-2", *unnotified_order(), given_to[0], now=BEFORE)
        tell(store, "KENT-3", *unnotified_order(), now=BEFORE)
    everyone = {row.order: row.officer for row in duties_at(tmp_path, BEFORE)}
    assert everyone == {"KENT-1": "KP-0815", "KENT-2": "4711", "KENT-3": None}
    theirs = listed(tmp_path, "--officer", "4711")
    assert [row["order"] for row in theirs] == ["KENT-2"]


def test_a_name_is_no_staff_number(tmp_path: Path) -> None:
    named = fact("OfficerAssigned", "2026-11-21T08:00:00+00:00", officer="PC Jane Doe")
    with store_at(tmp_path) as store:
        outcome = tell(store, "KENT-1", *unnotified_order(), named, now=BEFORE)
    assert outcome.error is not None
    assert "officer" in outcome.error.field
