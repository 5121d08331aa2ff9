"""References of people: two forces' systems may give the same one to two people."""

from dataclasses import replace
from pathlib import Path

import pytest

from domain.dossier import Dossier, subject_id
from domain.events import Envelope
from domain.orders import OrderOpened
from domain.subjects import Subject
from spowatch.open_store import Store
from tests.stories import NOW, fact, served_order, store_at, tell

IN_CUSTODY = fact("CustodyStarted", "2026-03-01T09:00:00Z")


def in_custody(store: Store, reference: str) -> bool:
    kinds = {type(each.event).__name__ for each in store.register.order(reference).facts}
    return "CustodyStarted" in kinds


@pytest.mark.parametrize(
    ("person", "is_one"),
    [("12345", False), ("PNC:19/12345X", True)],
    ids=["each force's own", "everybody's"],
)
def test_what_is_known_of_a_person_reaches_the_orders_of_another_force_by_the_national_number_alone(
    tmp_path: Path, person: str, *, is_one: bool
) -> None:
    with store_at(tmp_path) as store:
        for reference, force in (("KENT-1", "Kent"), ("KENT-2", "kent"), ("ESSEX-1", "Essex")):
            tell(store, reference, *served_order(), force=force, person=person)
        tell(store, "KENT-1", IN_CUSTODY)
        assert in_custody(store, "KENT-2")
        assert in_custody(store, "ESSEX-1") is is_one


def test_a_force_whose_orders_an_earlier_release_joined_goes_on_meaning_that_person(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        at = Envelope(occurred_at=NOW, recorded_at=NOW, entered_at=NOW)
        before = Dossier(Subject(subject_id("12345")))
        opened = OrderOpened(reference="KENT-1", force="Kent", regime="EW-SPA-2019")
        before.open(opened, replace(at, subject_id=before.subject.id))
        store.register.keep(before.streams())
        for reference, force in (("KENT-2", "Kent"), ("ESSEX-1", "Essex")):
            tell(store, reference, *served_order(), force=force, person="12345")
        tell(store, "KENT-2", IN_CUSTODY)
        assert in_custody(store, "KENT-1")
        assert not in_custody(store, "ESSEX-1")
        assert store.register.order("KENT-2").subject_id == before.subject.id


def test_a_national_number_is_one_however_it_is_typed() -> None:
    typed = {subject_id(each, "Kent") for each in ("PNC:19/1X", "pnc:19/1x", " PNC:19/1X ")}
    assert typed == {subject_id("PNC:19/1X", "Essex")}
    assert subject_id("12345@Kent") != subject_id("12345", "Kent")
