import pytest
from starlette.datastructures import FormData

from domain.command_names import FACT_OF
from domain.conditions import Condition
from domain.facts.words import Defendant, ProtectedPerson
from web.court.answers import answers
from web.court.commands import RECORDINGS
from web.court.fields import FIELDS, OTHER
from web.court.forms import OF_A_TERM, READERS, filled
from web.language import speaking

WHEN = {"t-day": "21", "t-month": "11", "t-year": "2026", "t-clock": "14:30"}


@pytest.mark.parametrize("command", sorted(RECORDINGS))
def test_every_form_asks_what_its_fact_needs_and_nothing_it_does_not_know(command: str) -> None:
    recording = RECORDINGS[command]
    assert command in FACT_OF
    known = set(recording.kind.model_fields)
    known |= {f"defendant_{part}" for part in Defendant.model_fields} | {"person", "home_kind"}
    assert {field.name for field in recording.fields} <= known
    assert set(recording.needed) <= set(recording.asked)
    required = {name for name, field in recording.kind.model_fields.items() if field.is_required()}
    assert required <= set(recording.needed)


def test_every_question_is_asked_somewhere() -> None:
    asked = {name for recording in RECORDINGS.values() for name in recording.asked}
    assert asked == set(FIELDS) | {name for _, name in OTHER}
    assert {field.kind for field in FIELDS.values()} <= {*READERS, "group"}


@pytest.mark.parametrize(
    ("day", "clock", "instant"),
    [
        ("21 11 2026", "14:30", "2026-11-21T14:30:00+00:00"),
        ("21 7 2026", "9.05", "2026-07-21T09:05:00+01:00"),
        ("25 10 2026", "01:30 BST", "2026-10-25T01:30:00+01:00"),
        ("25 10 2026", "01:30 gmt", "2026-10-25T01:30:00+00:00"),
    ],
)
def test_a_time_is_local_and_keeps_its_offset(day: str, clock: str, instant: str) -> None:
    assert filled(RECORDINGS["end-custody"], _at(day, clock)).t == instant


@pytest.mark.parametrize(
    ("day", "clock"),
    [
        ("25 10 2026", "01:30"),
        ("29 3 2026", "01:30"),
        ("30 2 2026", "14:30"),
        ("21 11", "14:30"),
        ("21 11 2026", "25:00"),
        ("21 11 2026", ""),
        ("21 11 99999999999", "14:30"),
        ("²1 11 2026", "14:30"),
        ("", ""),
    ],
)
def test_a_time_that_cannot_be_is_asked_again(day: str, clock: str) -> None:
    found = filled(RECORDINGS["end-custody"], _at(day, clock))
    assert set(found.errors) == {"t"}


def _at(day: str, clock: str) -> FormData:
    parts = dict(zip(("t-day", "t-month", "t-year"), day.split(), strict=False))
    return FormData({**parts, "t-clock": clock})


def test_terms_are_read_with_their_words_and_empty_ones_left_out() -> None:
    given = {
        "conditions-count": "3",
        "conditions-0-code": "P-ZONE-DIST",
        "conditions-0-metres": "200",
        "conditions-0-place": "12 Hidden Lane",
        "conditions-2-code": "P-CONTACT-DIRECT",
        "conditions-2-wording": "Not to contact Vera Sample.",
        "until": "further_order",
    }
    found = filled(RECORDINGS["grant-full"], FormData({**WHEN, **given}))
    assert not found.errors
    assert found.values["conditions"] == [
        {"code": "P-ZONE-DIST", "metres": 200, "around": "12 Hidden Lane"},
        {"code": "P-CONTACT-DIRECT", "wording": "Not to contact Vera Sample."},
    ]
    said = dict(answers(RECORDINGS["grant-full"], RECORDINGS["grant-full"].fields, str(found.t), found.values))  # fmt: skip
    assert "200 m around 12 Hidden Lane" in said["What are its terms?"]


@pytest.mark.parametrize(
    ("command", "given", "wrong"),
    [
        ("grant-full", {"conditions-0-wording": "Not to call."}, "conditions"),
        ("grant-full", {"conditions-0-code": "P-NONE"}, "conditions"),
        ("grant-full", {}, "conditions"),
        ("grant-full", {"conditions-0-code": "P-APPROACH", "last_day-day": "31", "last_day-month": "2"}, "last_day"),
        ("serve", {"order_kind": "full", "method": "<script>"}, "method"),
        ("serve", {"order_kind": "all", "method": "in_person"}, "order_kind"),
        ("report-breach", {"measured_m": "about 5", "condition": "P-APPROACH"}, "measured_m"),
        ("use-name", {"name": "x" * 20_001}, "name"),
        ("apply", {"applicant": "chief_officer", "force": "Kent", "defendant_name": " "}, "defendant_name"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_named_by_its_question(
    command: str, given: dict[str, str], wrong: str
) -> None:
    assert wrong in filled(RECORDINGS[command], FormData({**WHEN, **given})).errors


def test_a_fault_in_what_is_known_of_somebody_stands_at_its_question() -> None:
    given = {"applicant": "chief_officer", "force": "Kent", "defendant_name": "Alan Example"}
    wrong = {"defendant_pnc_id": "x" * 20_001, "protected-0-safe_contact": "by her sister"}
    errors = filled(RECORDINGS["apply"], FormData({**WHEN, **given, **wrong})).errors
    assert errors.keys() == {"defendant_pnc_id", "protected"}
    assert errors["protected"] == "Enter the name"


def test_whether_they_knew_of_the_term_is_yes_no_or_not_said() -> None:
    report = RECORDINGS["report-breach"]
    said = [
        filled(report, FormData({**WHEN, **given})).values.get("defendant_aware")
        for given in ({"defendant_aware": "yes"}, {"defendant_aware": "no"}, {})
    ]
    assert said == [True, False, None]


def test_the_person_is_named_by_two_answers_and_stated_as_one() -> None:
    given = {"applicant": "chief_officer", "force": "Kent", "defendant_name": "Alan Example", "defendant_born": "1992-03-04"}  # fmt: skip
    found = filled(RECORDINGS["apply"], FormData({**WHEN, **given}))
    assert found.values["defendant"] == {"name": "Alan Example", "born": "1992-03-04"}


def test_a_day_is_said_back_in_the_language_of_the_page() -> None:
    given = {"on-day": "27", "on-month": "3", "on-year": "2026"}
    recording = RECORDINGS["list-hearing"]
    found = filled(recording, FormData({**WHEN, **given}))
    for spoken, day in (("en", "27 March 2026"), ("cy", "27 Mawrth 2026")):
        with speaking(spoken):
            said = dict(answers(recording, recording.fields, str(found.t), found.values))
        assert said["Which day is it listed for?"] == day


def test_each_act_is_read_with_its_day_and_place_and_said_back() -> None:
    given = {
        "applicant": "chief_officer", "force": "Kent", "defendant_name": "Alan Example",
        "defendant_markers": "knife\r\ndogs", "acts-count": "3",
        "acts-0-on-day": "1", "acts-0-on-month": "10", "acts-0-on-year": "2026", "acts-0-place": "12 Hidden Lane",
        "acts-2-place": "The station", "protected-0-name": "Vera Sample", "protected-0-safe_contact": "by her sister",
    }  # fmt: skip
    recording = RECORDINGS["apply"]
    found = filled(recording, FormData({**WHEN, **given}))
    assert not found.errors
    assert found.values["acts"] == [{"on": "2026-10-01", "place": "12 Hidden Lane"}, {"place": "The station"}]  # fmt: skip
    assert found.values["protected"] == [{"name": "Vera Sample", "safe_contact": "by her sister"}]
    assert found.values["defendant"]["markers"] == ["knife", "dogs"]
    said = dict(answers(recording, recording.fields, str(found.t), found.values))
    assert said["Which acts does the application rest on?"] == "1 October 2026, 12 Hidden Lane; The station"  # fmt: skip
    wrong = filled(recording, FormData({**WHEN, **given, "acts-0-on-day": "31", "acts-0-on-month": "9"}))  # fmt: skip
    assert set(wrong.errors) == {"acts"}


def test_a_term_is_stated_with_its_locality_its_own_last_day_and_what_is_excepted() -> None:
    """s.6(d)-(e). Where it must be gone to and where it must not be are told apart, for s.2(6)."""
    given = {
        "conditions-count": "3",
        "conditions-0-code": "P-ZONE-AREA",
        "conditions-0-place": "All of Chatham",
        "conditions-0-exceptions": "To attend court\r\n\r\nTo sign on",
        "conditions-1-code": "R-SIGN-ON",
        "conditions-1-place": "Chatham police station",
        "conditions-1-overlaps": "work at night",
        "conditions-2-code": "P-PROPERTY",
        "conditions-2-locality": "Kent",
        "conditions-2-last_day-day": "1",
        "conditions-2-last_day-month": "5",
        "conditions-2-last_day-year": "2029",
    }
    recording = RECORDINGS["grant-full"]
    found = filled(recording, FormData({**WHEN, **given}))
    assert not found.errors
    assert found.values["conditions"] == [
        {"code": "P-ZONE-AREA", "area": "All of Chatham", "exceptions": ["To attend court", "To sign on"]},
        {"code": "R-SIGN-ON", "at": "Chatham police station", "overlaps": "work at night"},
        {"code": "P-PROPERTY", "locality_limited": True, "locality": "Kent", "own_period": True, "period": {"last_day": "2029-05-01"}},
    ]  # fmt: skip
    said = dict(answers(recording, recording.fields, str(found.t), found.values))
    for words in ("All of Chatham, except To attend court; To sign on", "only within Kent, this term until 1 May 2029"):  # fmt: skip
        assert words in said["What are its terms?"]
    wrong = filled(recording, FormData({**WHEN, **given, "conditions-2-last_day-month": "13"}))
    assert set(wrong.errors) == {"conditions"}


def test_a_place_where_somebody_is_found_is_not_stated_as_their_home() -> None:
    """s.14(1)."""
    recording = RECORDINGS["change-address"]
    given = {"to": "The mission, Dock Road", "home_kind": "selected", "to_area": "EW"}
    found = filled(recording, FormData({**WHEN, **given}))
    assert found.values["to"] == {"place": "The mission, Dock Road", "kind": "regularly_found", "selected_by": "defendant"}  # fmt: skip
    said = dict(answers(recording, recording.fields, str(found.t), found.values))
    assert said["What is the new home address?"] == "The mission, Dock Road"
    assert said["What is that address?"] == "No home: one of several such places, which they chose"
    assert set(filled(recording, FormData({**WHEN, **given, "home_kind": ""})).errors) == {"home_kind"}  # fmt: skip


FROM_SOURCES_ALONE = {"expire", "expire-interim", "bring-into-force", "switch-regime"}


def test_every_command_has_a_form_but_those_of_clocks_other_laws_and_the_whole_country() -> None:
    assert set(FACT_OF) - set(RECORDINGS) == FROM_SOURCES_ALONE


_WHEN_IT_WAS_MADE = "the form asks for the moment it was made, and the day follows from it"
_IN_ITS_WORDS = "stands in the court's words; nothing is judged by it"
_NORTHERN_IRELAND = "of the law of Northern Ireland, whose records come from a facts file"
NOT_ASKED = {
    "ApplicationMade.regime": _NORTHERN_IRELAND,
    "FullOrderGranted.resident_ni": _NORTHERN_IRELAND,
    "InterimOrderGranted.made_on": _WHEN_IT_WAS_MADE,
    "FullOrderGranted.made_on": _WHEN_IT_WAS_MADE,
    "AppealAllowed.made_on": _WHEN_IT_WAS_MADE,
    "DAPOMade.made_on": _WHEN_IT_WAS_MADE,
    "InterimOrderGranted.until": "an interim order is for a fixed period (s.5(6)(a)): its last day is asked",
    "InterimDischarged.last_day": "a discharge ends the order when it happens, which is asked",
    "InterimDischargeRefused.last_day": "a refusal leaves the last day as it was",
    **{f"Condition.{name}": _IN_ITS_WORDS for name in ("persons", "channels", "platforms", "devices", "provider", "supervised_by", "hours")},
}  # fmt: skip
"""By fact and field, with the reason."""
_SETTLED = {"locality_limited": "locality", "own_period": "period"} | dict.fromkeys(
    ("at", "area", "around"), "place"
)
"""What follows from another answer."""


def test_a_form_asks_all_that_its_fact_can_say_or_there_is_a_reason() -> None:
    left_out = {
        f"{recording.kind.__name__}.{name}"
        for recording in RECORDINGS.values()
        for name in recording.kind.model_fields
        if name not in recording.asked
    } - {"ApplicationMade.defendant"}
    asked = {"metres", "last_day", *OF_A_TERM}
    left_out |= {
        f"Condition.{name}"
        for name in Condition.model_fields
        if _SETTLED.get(name, name) not in asked | {"period"}
    }
    assert left_out == set(NOT_ASKED)
    assert {f"defendant_{part}" for part in Defendant.model_fields} <= set(
        RECORDINGS["apply"].asked
    )
    assert {part.name for part in FIELDS["protected"].parts} == set(ProtectedPerson.model_fields)
