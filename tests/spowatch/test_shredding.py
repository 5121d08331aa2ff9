"""Erasure: the words are gone for ever, the order and its history stay."""

from pathlib import Path
from uuid import uuid4

import pytest

from domain.personal import ErasedText
from domain.refusals import Refused
from spowatch.backup.erased_keys import add_erased, erased_in
from spowatch.cli.output import BAD_INPUT
from spowatch.shredding import shred
from tests.small_files import files_of_at_most
from tests.spowatch.counter import NAME, REF, Counter
from tests.stories import NOW, breach, served_order, store_at, tell, work_until_idle


def test_a_shredded_defendant_is_erased_and_every_conclusion_stands(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        before = [f.key for f in store.register.order("KENT-1").position(NOW).findings]
        shred(store, "KENT-1", "defendant", "retention_ended", at=NOW)
        order = store.register.order("KENT-1")
        named = [getattr(each.event, "defendant", None) for each in order.facts]
        assert [f.key for f in order.position(NOW).findings] == before
    (defendant,) = [each for each in named if each is not None]
    assert isinstance(defendant.name, ErasedText)


def test_a_protected_person_is_erased_apart_from_the_defendant(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        shred(store, "KENT-1", "protected", "request_granted", at=NOW)
        applied = store.register.order("KENT-1").facts[0].event
    assert isinstance(applied.protected[0].name, ErasedText)  # type: ignore[attr-defined]  # what stands there is known
    assert applied.defendant.name == "Alan Example"  # type: ignore[attr-defined]  # what stands there is known


def test_shredding_twice_is_one_erasure_on_record(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        for _ in range(2):
            shred(store, "KENT-1", "defendant", "retention_ended", at=NOW)
        found = store.log.select_notifications(1, 1000, topics=["spo.key-destroyed.v1"])
    assert len(found) == 1


def test_a_reason_in_several_words_erases_nothing_and_says_what_one_looks_like(
    desk: Counter,
) -> None:
    desk.order_served()

    said = desk.run("shred", REF, "--about", "defendant", "--reason", "retention ended", "--yes")

    assert said.status == BAD_INPUT
    assert said.err == "spowatch: --reason: one code word, such as retention_ended\n"
    assert NAME in desk.run("order", "show", REF, "--json").out


def test_an_erasure_is_on_the_list_behind_one_that_a_crash_tore(tmp_path: Path) -> None:
    """Else the next restore brings back whoever was erased after the crash."""
    (tmp_path / "erased-keys.txt").write_text("a1414c41-f846-56", encoding="ascii")
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        key_id = shred(store, "KENT-1", "defendant", "retention_ended", at=NOW)
    assert erased_in(tmp_path / "erased-keys.txt") == {key_id: NOW}


def test_a_full_disk_under_the_list_is_said_with_the_file_that_is_on_it(tmp_path: Path) -> None:
    path = tmp_path / "erased-keys.txt"
    with files_of_at_most(0), pytest.raises(OSError, match="erased-keys") as refused:
        add_erased(path, uuid4(), NOW)
    assert refused.value.filename == str(path)


def test_no_word_of_anyone_ever_stands_in_the_clear_on_disk(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        refused = {**served_order()[1], "t": "2026-11-19T10:00:00+00:00"}
        tell(store, "KENT-1", *served_order(), breach(narrative="He rang Vera Sample."))
        tell(store, "KENT-1", refused)
        work_until_idle(store, "alert", "deliver", "sweep")
    on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for word in (b"Vera", b"Alan Example", b"Hidden Lane", b"1 High Street", b"1992-03-04"):
        assert word not in on_disk


def test_nobody_is_erased_under_a_reference_nobody_knows(tmp_path: Path) -> None:
    with store_at(tmp_path) as store, pytest.raises(Refused):
        shred(store, "NOWHERE-1", "defendant", "retention_ended", at=NOW)
