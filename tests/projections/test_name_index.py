from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.personal import ErasedText
from projections.name_index import NameIndex, words_of
from spowatch.open_store import Store
from spowatch.shredding import shred
from spowatch.wiring.projections import name_index
from tests.stories import NOW, fact, served_order, store_at, tell


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as made:
        yield made


def known_as(
    store: Store, reference: str, name: str, *, force: str = "Kent", **more: object
) -> None:
    """An order against somebody of that name."""
    applied = served_order()[0]
    applied["data"]["defendant"] = {"name": name, **more}
    applied["data"]["force"] = force
    tell(store, reference, applied, force=force, person=reference)


END = 10**9
"""A position past every log."""


def found(index: NameIndex, words: str, force: str | None = None) -> list[str]:
    index.position = 0
    while index.work(END):
        pass
    return [each.reference for each in index.find(words, force=force)]


def test_a_person_is_found_by_any_name_on_record_and_by_their_pnc_id(store: Store) -> None:
    index = name_index(store)
    known_as(store, "KENT-1", "Ryan Mercer", aliases=["Ry the Knife"], pnc_id="88/123456X")
    known_as(store, "KENT-2", "Jane Doe")
    tell(store, "KENT-2", fact("NameUsed", "2026-11-01T10:00:00+00:00", name="Joan Miller"))
    assert found(index, "mercer") == ["KENT-1"]
    assert found(index, "knife ryan") == ["KENT-1"]
    assert found(index, "88/123456x") == ["KENT-1"]
    assert found(index, "Joan") == ["KENT-2"]
    assert found(index, "Jane Mercer") == []


def test_what_is_told_later_is_found_later(store: Store) -> None:
    index = name_index(store)
    assert found(index, "mercer") == []
    known_as(store, "KENT-1", "Ryan Mercer")
    assert found(index, "mercer") == ["KENT-1"]


def test_accents_case_and_a_slip_of_the_pen_do_not_hide_anybody(store: Store) -> None:
    index = name_index(store)
    known_as(store, "DYFED-1", "Llŷr ap Owain-Glyndŵr")
    known_as(store, "DYFED-2", "Siân Evans")
    known_as(store, "DYFED-3", "Sia Jones")
    assert found(index, "sian") == ["DYFED-2"]
    assert found(index, "LLYR glyndwr") == ["DYFED-1"]
    assert found(index, "Glyndwyr") == ["DYFED-1"]
    assert found(index, "Glynd") == ["DYFED-1"]
    assert found(index, "Patel") == []


def test_the_name_itself_comes_before_one_that_only_begins_so(store: Store) -> None:
    index = name_index(store)
    known_as(store, "KENT-1", "Marking Long")
    known_as(store, "KENT-2", "Mark Long")
    assert found(index, "mark") == ["KENT-2", "KENT-1"]


def test_a_force_may_ask_for_its_own(store: Store) -> None:
    index = name_index(store)
    known_as(store, "KENT-1", "Ryan Mercer")
    known_as(store, "ESSEX-1", "Ryan Mercer", force="Essex")
    assert found(index, "mercer", "Essex") == ["ESSEX-1"]


def test_nobody_is_found_by_the_name_of_a_protected_person_or_by_no_word(store: Store) -> None:
    index = name_index(store)
    tell(store, "KENT-1", *served_order())
    assert found(index, "Alan") == ["KENT-1"]
    assert found(index, "Vera") == []
    assert found(index, " ,. ") == []


def test_who_was_erased_is_found_no_more_by_who_was_there_and_by_who_comes_later(
    store: Store,
) -> None:
    index = name_index(store)
    known_as(store, "KENT-1", "Ryan Mercer")
    assert found(index, "mercer") == ["KENT-1"]
    shred(store, "KENT-1", "defendant", "retention_ended", at=NOW)
    assert found(index, "mercer") == []
    assert found(name_index(store), "mercer") == []


def test_what_is_left_of_erased_words_is_no_word() -> None:
    assert words_of([ErasedText("[erased 3fa9]"), "Ryan"]) == {"ryan"}
