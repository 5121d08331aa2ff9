"""An order that somebody's report opened: the court's facts say whom it is against, and whose it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.alerts import AlertCode
from domain.case_access import OfficerLinked
from domain.dossier import nobody_named, order_id, subject_id
from domain.events import RecordedEvent, done_at
from domain.facts.breaches import AppointmentMissed
from domain.facts.court import ApplicationMade
from domain.glass import AccessDesk
from domain.identified import DefendantIdentified
from domain.orders import StalkingProtectionOrder
from domain.personal import ErasedText
from spowatch.facts_file import Line
from spowatch.importing import import_line
from spowatch.open_store import Store
from spowatch.shredding import shred
from tests.stories import (
    NOW,
    answers,
    breach,
    fact,
    served_order,
    store_at,
    tell,
    work_until_idle,
)

REPORTED, DEFENDANT = subject_id("reported", "Kent"), subject_id("defendant", "Kent")
IN_CUSTODY = fact("CustodyStarted", "2026-03-01T09:00:00Z")
IN_HOSPITAL = fact("HospitalDetentionStarted", "2026-12-06T10:00:00Z")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as store:
        yield store


def known_of(store: Store, reference: str) -> set[str]:
    return {type(each.event).__name__ for each in store.register.order(reference).facts}


def by_the_court(
    store: Store, reference: str, *, by: str = "Kent", **case: Any
) -> StalkingProtectionOrder:
    """The order after the court's facts of it were entered by somebody of that force."""
    told = tell(store, reference, *(each | {"force": by} for each in served_order()), **case)
    assert [each.refused_as for each in answers(told)] == [None] * 4
    return store.register.order(reference)


def orders_of(store: Store, person: UUID) -> list[UUID]:
    return store.register.subject(person).order_ids


def identified(order: StalkingProtectionOrder, store: Store) -> list[RecordedEvent]:
    events = store.register.events_of(order.id)
    return [each for each in events if isinstance(each.event, DefendantIdentified)]


def test_the_order_is_against_whom_the_court_names_and_not_whom_a_report_did(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), IN_CUSTODY, force="Kent", person="reported")
    tell(store, "KENT-2", breach(), force="Kent", person="reported")
    assert "CustodyStarted" in known_of(store, "KENT-2")
    order = by_the_court(store, "KENT-2", force="Kent", person="defendant")
    assert order.subject_id == DEFENDANT
    assert "CustodyStarted" not in known_of(store, "KENT-2")
    tell(store, "KENT-1", IN_HOSPITAL)
    assert "HospitalDetentionStarted" not in known_of(store, "KENT-2")
    assert [orders_of(store, each) for each in (REPORTED, DEFENDANT)] == [
        [order_id("KENT-1")],
        [order_id("KENT-2")],
    ]


def test_what_is_known_of_the_defendant_bears_on_it_and_on_what_was_reported(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), IN_CUSTODY, force="Kent", person="defendant")
    tell(store, "KENT-2", breach(), force="Kent", person="reported")
    by_the_court(store, "KENT-2", force="Kent", person="defendant")
    work_until_idle(store, "alert")
    found = {str(each.event.code) for each in raised(store, "KENT-2")}
    assert AlertCode.BREACH_IN_CUSTODY in found
    assert AlertCode.BREACH_ARREST not in found


def raised(store: Store, reference: str) -> list[Any]:
    stored = store.log.select_notifications(1, 1000, topics=["spo.alert-raised.v1"])
    events = store.register.read_back(stored)
    return [each for each in events if each.event.reference == reference]  # type: ignore[attr-defined]  # only that topic was asked for


def test_what_was_said_while_nobody_was_named_is_of_the_defendant(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), force="Kent", person="defendant")
    tell(store, "KENT-2", breach(), IN_CUSTODY, force="Kent")
    assert store.register.order("KENT-2").subject_id == nobody_named("KENT-2")
    by_the_court(store, "KENT-2", force="Kent", person="defendant")
    for reference in ("KENT-1", "KENT-2"):
        assert "CustodyStarted" in known_of(store, reference)
    assert orders_of(store, nobody_named("KENT-2")) == []


def test_the_order_is_of_the_force_that_applied_and_not_of_the_one_that_reported(
    store: Store,
) -> None:
    tell(store, "KENT-2", breach(), force="Essex", person="12345")
    assert store.register.order("KENT-2").force == "Essex"
    order = by_the_court(store, "KENT-2", force="Kent", person="12345")
    assert (order.force, order.subject_id) == ("Kent", subject_id("12345", "Kent"))
    (once,) = identified(order, store)
    assert once.envelope.subject_id == order.subject_id


def test_once_the_court_has_named_somebody_it_is_they(store: Store) -> None:
    by_the_court(store, "KENT-1", force="Kent", person="defendant")
    again = served_order()[0] | {"t": "2026-12-01T10:00:00Z"}
    answers(tell(store, "KENT-1", again, breach(), force="Kent", person="another"))
    order = store.register.order("KENT-1")
    assert order.subject_id == DEFENDANT
    assert identified(order, store) == []


def test_a_report_that_named_the_defendant_leaves_everything_as_it_is(store: Store) -> None:
    tell(store, "KENT-1", breach(), force="Kent", person="defendant")
    order = by_the_court(store, "KENT-1", force="Kent", person="defendant")
    assert order.subject_id == DEFENDANT
    assert identified(order, store) == []


def test_asked_twice_it_is_identified_once(store: Store) -> None:
    tell(store, "KENT-1", breach(), force="Kent", person="reported")
    given = [each | {"command_id": str(n)} for n, each in enumerate(served_order())]
    first = answers(tell(store, "KENT-1", *given, force="Kent", person="defendant"))
    again = answers(tell(store, "KENT-1", *given, force="Kent", person="another"))
    assert [each.event_ids for each in again] == [each.event_ids for each in first]
    order = store.register.order("KENT-1")
    assert order.subject_id == DEFENDANT
    assert len(identified(order, store)) == 1


def test_a_refused_application_names_somebody_and_settles_nothing(store: Store) -> None:
    tell(store, "KENT-1", breach(), force="Kent", person="reported")
    unlawful = served_order()[0] | {"command_id": "first"}
    unlawful["data"] = unlawful["data"] | {"applicant": "victim"}
    for person in ("mistaken", "another"):
        (answer,) = answers(tell(store, "KENT-1", unlawful, force="Kent", person=person))
        assert answer.refused_as == "APPLICANT_NOT_CHIEF_OFFICER"
        assert store.register.order("KENT-1").subject_id == subject_id("mistaken", "Kent")
    order = by_the_court(store, "KENT-1", force="Kent", person="defendant")
    assert order.subject_id == DEFENDANT


def test_of_no_force_a_report_names_nobody_by_a_bare_reference(store: Store) -> None:
    for reference in ("A-1", "B-1"):
        tell(store, reference, breach(), person="12345")
        tell(store, f"{reference}-N", breach(), person="PNC:19/12345X")
    tell(store, "A-1", IN_CUSTODY)
    tell(store, "A-1-N", IN_CUSTODY)
    assert "CustodyStarted" not in known_of(store, "B-1")
    assert "CustodyStarted" in known_of(store, "B-1-N")


def test_another_writer_may_have_said_whose_it_is(store: Store, tmp_path: Path) -> None:
    """What is kept of an order from one command to the next is out of date then."""
    tell(store, "KENT-1", *served_order(), force="Kent", person="reported")
    tell(store, "KENT-2", breach(), force="Kent", person="reported")
    with store_at(tmp_path) as other:
        by_the_court(other, "KENT-2", force="Kent", person="defendant")
    tell(store, "KENT-2", IN_CUSTODY)
    assert "CustodyStarted" not in known_of(store, "KENT-1")
    assert orders_of(store, DEFENDANT) == [order_id("KENT-2")]
    assert [type(f.event).__name__ for f in store.register.subject(DEFENDANT).facts][-1] == (
        "CustodyStarted"
    )


def test_nobody_is_let_in_by_whom_the_order_turns_out_to_be_against(store: Store) -> None:
    tell(store, "KENT-2", breach(), force="Kent")
    desk, by = AccessDesk(store.register), done_at(NOW, actor="1", role="reviewer", force="Kent")
    desk.link(store.register.order("KENT-2"), OfficerLinked(staff="4812", as_="protected"), by)
    order = by_the_court(store, "KENT-2", force="Kent", person="defendant")
    assert desk.of(order).person == DEFENDANT
    assert desk.of(order).closed_to("4812", "Kent")


def test_erasure_is_of_the_defendant(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), force="Kent", person="reported")
    tell(store, "KENT-2", breach(), force="Kent", person="reported")
    by_the_court(store, "KENT-2", force="Kent", person="defendant")
    assert shred(store, "KENT-2", "defendant", "retention", at=NOW) == DEFENDANT
    applied = [
        fact.event
        for reference in ("KENT-1", "KENT-2")
        for fact in store.register.order(reference).facts
        if isinstance(fact.event, ApplicationMade)
    ]
    names = [each.defendant.name for each in applied if each.defendant is not None]
    assert names[0] == "Alan Example"
    assert names[1] != "Alan Example"


def test_what_was_said_of_the_defendant_before_they_were_named_is_erased_with_them(
    store: Store,
) -> None:
    said = {"condition": "R-SIGN-ON", "reason_given": "He was at his mother's"}
    tell(store, "KENT-2", fact("AppointmentMissed", "2026-12-01T10:00:00Z", **said), force="Kent")
    by_the_court(store, "KENT-2", force="Kent", person="defendant")
    shred(store, "KENT-2", "defendant", "retention", at=NOW)
    facts = store.register.order("KENT-2").facts
    (missed,) = [f.event for f in facts if isinstance(f.event, AppointmentMissed)]
    assert isinstance(missed.reason_given, ErasedText)


def test_a_rehearsal_leaves_it_as_it_was(store: Store) -> None:
    tell(store, "KENT-1", breach(), force="Kent", person="reported")
    before = store.register.order("KENT-1").version
    case = {"order": "KENT-1", "given": served_order(), "force": "Kent", "person": "defendant"}
    import_line(Line(1, case=case), store.register, now=NOW, dry_run=True)
    order = store.register.order("KENT-1")
    assert (order.version, order.subject_id) == (before, REPORTED)
    assert orders_of(store, REPORTED) == [order.id]
