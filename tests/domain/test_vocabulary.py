from datetime import UTC, datetime
from typing import Any

import pytest

from domain.facts.breaches import BreachReported
from domain.facts.court import ApplicationMade, ExistingOrder
from domain.facts.service import OrderServed
from domain.vocabulary import FACT_TYPES, UnreadableFact, read_instant, read_statement

T = "2026-08-04T00:30:00+01:00"
INSTANT = datetime(2026, 8, 3, 23, 30, tzinfo=UTC)
SERVED = {"t": T, "type": "OrderServed", "data": {"order_kind": "full"}}
REPORT = {"occurred_at": T, "condition": "P-CONTACT-DIRECT"}

OLD = "1899-12-31T23:59:59Z"
NESTED: list[Any] = []
for _ in range(400):
    NESTED = [NESTED]


def test_a_fact_says_what_when_and_on_whose_word() -> None:
    told = read_statement(
        SERVED
        | {
            "order": "SPO-1",
            "person": "P-1",
            "actor": "PC 123",
            "role": "officer",
            "force": "Kent",
            "command_id": "c-1",
        }
    )
    assert told.fact == OrderServed(order_kind="full")
    assert told.t == told.recorded_at == told.occurred_at == INSTANT
    assert (told.order, told.person, told.command_id) == ("SPO-1", "P-1", "c-1")
    assert (told.actor, told.role, told.force) == ("PC 123", "officer", "Kent")
    assert not told.only_that_order


def test_a_fact_nobody_signs_is_an_import() -> None:
    told = read_statement({"t": T, "type": "CustodyEnded"})
    assert (told.actor, told.role, told.force) == ("import", "import", "")
    assert (told.order, told.person, told.command_id) == (None, None, None)


def test_a_fact_may_be_recorded_later_and_on_one_order_alone() -> None:
    later = "2026-08-05T09:00:00Z"
    data = {"order_kind": "full", "recorded_at": later, "order_ref": "SPO-2"}
    told = read_statement(SERVED | {"order": "SPO-1", "data": data})
    assert told.recorded_at == datetime(2026, 8, 5, 9, tzinfo=UTC)
    assert told.order == "SPO-2"
    assert told.only_that_order


def test_a_report_happened_when_it_says_and_was_recorded_at_t() -> None:
    told = read_statement({"t": "2026-08-05T09:00:00Z", "type": "BreachReported", "data": REPORT})
    assert isinstance(told.fact, BreachReported)
    assert told.occurred_at == INSTANT
    assert told.recorded_at == datetime(2026, 8, 5, 9, tzinfo=UTC)


def test_a_report_may_have_been_recorded_before_it_was_passed_on() -> None:
    data = REPORT | {"recorded_at": "2026-08-04T08:00:00Z"}
    told = read_statement({"t": "2026-08-05T09:00:00Z", "type": "BreachReported", "data": data})
    assert told.recorded_at == datetime(2026, 8, 4, 8, tzinfo=UTC)


def test_an_existing_order_s_reference_is_its_own() -> None:
    told = read_statement({"t": T, "type": "ExistingOrder", "data": {"order_ref": "SPO-0"}})
    assert told.fact == ExistingOrder(order_ref="SPO-0")
    assert told.order is None
    assert not told.only_that_order


@pytest.mark.parametrize(
    ("raw", "field", "problem"),
    [
        ([], "fact", "is not an object"),
        (SERVED | {"colour": 1}, "colour", "unknown key"),
        (SERVED | {"type": "OrderLost"}, "type", "unknown fact type 'OrderLost'"),
        (SERVED | {"type": 7}, "type", "unknown fact type '7'"),
        ({"type": "CustodyEnded"}, "t", "is not a time"),
        (SERVED | {"t": "2026-08-04T00:30:00"}, "t", "has no offset"),
        (
            {"t": T, "type": "BreachReported", "data": REPORT | {"occurred_at": T[:19]}},
            "data.occurred_at",
            "has no offset",
        ),
        (SERVED | {"data": {"recorded_at": T[:19]}}, "data.recorded_at", "has no offset"),
        (SERVED | {"t": "yesterday"}, "t", "datetime"),
        (SERVED | {"t": "1899-12-31T23:59:59Z"}, "t", "is before 1900"),
        (SERVED | {"t": "2200-01-01T00:00:00Z"}, "t", "is after 2199"),
        (SERVED | {"data": {"evidence": NESTED}}, "data", "is nested too deeply"),
        (
            {"t": T, "type": "BreachReported", "data": REPORT | {"occurred_at": OLD}},
            "data.occurred_at",
            "is before 1900",
        ),
        (
            {"t": T, "type": "ServiceCorrected", "data": {"served_at": OLD}},
            "data.served_at",
            "is before 1900",
        ),
        (SERVED | {"data": []}, "data", "is not an object"),
        (SERVED | {"data": {"colour": 1}}, "data.colour", "not permitted"),
        (SERVED | {"data": {"order_kind": "final"}}, "data.order_kind", "'interim'"),
        (
            {"t": T, "type": "BreachReported", "data": REPORT | {"condition": "P-NONE"}},
            "data.condition",
            "unknown condition code 'P-NONE'",
        ),
        (
            {"t": T, "type": "BreachReported", "data": REPORT | {"measured_m": float("inf")}},
            "data.measured_m",
            "finite",
        ),
        (
            SERVED | {"data": {"recorded_at": "2026-08-03T23:29:59Z"}},
            "data.recorded_at",
            "is before the fact happened",
        ),
        (
            {"t": "2026-08-03T23:29:59Z", "type": "BreachReported", "data": REPORT},
            "data.occurred_at",
            "is after it was reported",
        ),
        (
            {"t": T, "type": "ServiceCorrected", "data": {"served_at": "2026-08-04T00:00:00Z"}},
            "data.served_at",
            "is after it was corrected",
        ),
        (SERVED | {"order": ""}, "order", "is not a short text"),
        (SERVED | {"actor": "x" * 201}, "actor", "is not a short text"),
        (SERVED | {"force": 7}, "force", "is not a short text"),
        (SERVED | {"order": "SPO\n1"}, "order", "control character"),
        (SERVED | {"person": "P\t1"}, "person", "control character"),
        (SERVED | {"command_id": "c\x00"}, "command_id", "control character"),
        (SERVED | {"actor": "PC \x1f123"}, "actor", "control character"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(raw: Any, field: str, problem: str) -> None:
    with pytest.raises(UnreadableFact) as unreadable:
        read_statement(raw)
    assert unreadable.value.field == field
    assert problem in unreadable.value.problem
    assert unreadable.value.remedy


def application(**values: Any) -> dict[str, Any]:
    return {
        "t": T,
        "type": "ApplicationMade",
        "data": {"applicant": "chief_officer", "force": "Kent"} | values,
    }


def listed(attend_at: str) -> dict[str, Any]:
    data = {"condition": "P-CONTACT-DIRECT", "attend_at": attend_at}
    return {"t": T, "type": "AppointmentListed", "data": data}


def granted(**term: Any) -> dict[str, Any]:
    term = {"code": "P-CONTACT-DIRECT"} | term
    return {
        "t": T,
        "type": "FullOrderGranted",
        "data": {"until": "further_order", "conditions": [term]},
    }


@pytest.mark.parametrize(
    ("raw", "field", "problem"),
    [
        (application(defendant_age=-3), "data.defendant_age", "is no age"),
        (application(defendant_age=131), "data.defendant_age", "is no age"),
        (SERVED | {"data": {"defendant_age": -1}}, "data.defendant_age", "is no age"),
        (application(force=""), "data.force", "is blank"),
        (application(force=" \t "), "data.force", "is blank"),
        (application(defendant={"name": ""}), "data.defendant.name", "is blank"),
        (application(defendant={"name": "A\x00B"}), "data.defendant.name", "control character"),
        (application(defendant={"name": "A", "aliases": ["B", "\x7f"]}), "data.defendant.aliases.1", "control character"),
        (application(defendant={"name": "A", "born": "0001-01-01"}), "data.defendant.born", "is no day of birth"),
        (application(defendant={"name": "A", "born": "9999-01-01"}), "data.defendant.born", "is no day of birth"),
        (application(defendant={"name": "A", "born": "1992-02-30"}), "data.defendant.born", "is no day of birth"),
        (application(protected=[{"name": "V"}] * 201), "data.protected", "is too long a list"),
        (application(acts=[{"on": "0001-01-01"}]), "data.acts.0.on", "1900"),
        (listed("0001-01-01T00:00:00Z"), "data.attend_at", "is before 1900"),
        (listed("9999-12-31T00:00:00Z"), "data.attend_at", "is after 2199"),
        (granted(own_period=True, period={"last_day": "9999-12-31"}), "data.conditions.0.period.last_day", "is after 2199"),
        (granted(metres=-5), "data.conditions.0.metres", "greater than 0"),
        (granted(metres=float("nan")), "data.conditions.0.metres", "finite"),
        (granted(platforms=["x" * 201]), "data.conditions.0.platforms.0", "is too long"),
        (granted(hours="x" * 201), "data.conditions.0.hours", "is too long"),
        ({"t": T, "type": "BreachReported", "data": REPORT | {"error_m": -1}}, "data.error_m", "greater than or equal to 0"),
        ({"t": "0001-01-01T00:00:00Z", "type": "CustodyEnded"}, "t", "is before 1900"),
        ({"t": "9999-12-31T23:59:59Z", "type": "CustodyEnded"}, "t", "is after 2199"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_its_field_and_what_to_write(raw: Any, field: str, problem: str) -> None:  # fmt: skip
    with pytest.raises(UnreadableFact) as unreadable:
        read_statement(raw)
    assert (unreadable.value.field, bool(unreadable.value.remedy)) == (field, True)
    assert problem in unreadable.value.problem


@pytest.mark.parametrize(
    "told",
    [
        application(defendant_age=0),
        application(defendant_age=130, defendant={"name": "A", "born": "about 1950"}),
        application(defendant={"name": "A", "born": "1896-08-04"}),
        granted(wording="Not to contact her\n\tby any means."),
        application(criminal_case="", protected=[{"name": "V", "safe_contact": ""}]),
        application(defendant={"name": "\u2068A\u2069 \u202aB\u202c", "born": "1980-00-00"}),
        {"t": T, "type": "BreachReported", "data": REPORT | {"narrative": "", "place": " "}},
        {"t": T, "type": "BreachReported", "data": REPORT | {"narrative": "a\x0bb \x00\u202d+44\u202c", "incident": "\x85"}},
        {"t": T, "type": "AppointmentMissed", "data": {"condition": "R-PROGRAMME", "reason_given": "\x07"}},
        SERVED | {"order": "\u202aKENT-1\u202c", "actor": "PC \x9f1"},
        {"t": T, "type": "NotificationReceived", "data": {"home_address": ""}},
    ],
)  # fmt: skip
def test_what_may_be_meant_is_taken(told: dict[str, Any]) -> None:
    """No report is turned away over how it is written, and nothing over an optional box left blank."""
    assert read_statement(told).t == INSTANT


def test_what_was_taken_before_is_still_read_from_the_log() -> None:
    """The door asks; the log has what it has."""
    stored = '{"applicant": "chief_officer", "force": "", "defendant_age": -3}'
    assert ApplicationMade.model_validate_json(stored).defendant_age == -3


@pytest.mark.parametrize(
    "told",
    [
        SERVED | {"actor": "x" * 200},
        SERVED | {"t": "1900-01-01T00:00:00Z"},
        SERVED | {"t": "2199-12-31T23:59:59Z"},
        {"t": T, "type": "BreachReported", "data": REPORT},
        {"t": T, "type": "ServiceCorrected", "data": {"served_at": T}},
        SERVED | {"data": {"recorded_at": T}},
    ],
)
def test_what_is_just_within_bounds_is_read(told: dict[str, Any]) -> None:
    assert read_statement(told).t <= read_statement(told).recorded_at


def test_an_instant_is_one_instant_however_written() -> None:
    assert read_instant("t", "2026-08-03T23:30:00Z") == read_instant("t", T) == INSTANT
    assert read_instant("t", T).utcoffset() == INSTANT.utcoffset()


def test_every_fact_has_its_name() -> None:
    assert {"ApplicationMade", "OrderServed", "NameUsed", "DefendantDied"} < set(FACT_TYPES)
    assert {"BreachReported", "AppointmentMissed", "HospitalDetentionEnded"} < set(FACT_TYPES)
    assert all(name == kind.__name__ for name, kind in FACT_TYPES.items())
