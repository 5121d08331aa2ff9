"""The seal: what is signed stays signed, whatever dies, and one log is never signed as two."""

import random

import pytest
from eventsourcing.persistence import IntegrityError

from spowatch.sealing.checkpoint import checkpoint
from spowatch.sealing.seal_key import new_seal_key
from spowatch.sealing.sealer import SealRefused
from spowatch.sealing.verifying import CheckpointsRefused, lines_of
from spowatch.sealing.witness import WitnessFile, WitnessOutOfReach, notes_in
from tests.faults.tampering import tampered
from tests.spowatch.sealing.sealed_logs import SealedLog


def test_a_sealed_log_is_found_as_it_was_sealed(sealed: SealedLog) -> None:
    sealed.grow(3, 1, 40)
    sealed.add(2, seed=2)
    found = sealed.verify()
    assert (found.events, found.sealed, found.unsealed, found.differences) == (46, 44, 2, ())


def test_numbers_that_were_skipped_are_no_missing_events(on_postgres: SealedLog) -> None:
    on_postgres.add(3, seed=1)
    with pytest.raises(IntegrityError):
        on_postgres.add(3, seed=1)
    on_postgres.grow(2, seed=2)
    found = on_postgres.verify()
    assert on_postgres.log.max_notification_id() > found.events
    assert (found.events, found.sealed, found.differences) == (5, 5, ())


def test_no_checkpoint_is_of_more_than_a_thousand_events(on_sqlite: SealedLog) -> None:
    on_sqlite.add(2100, seed=1)
    sealer = on_sqlite.sealer()
    assert [sealer.work(0) for _ in range(4)] == [1000, 1000, 0, 0]
    assert on_sqlite.verify().unsealed == 100


def test_every_change_by_a_master_of_the_database_is_found_at_its_place(sealed: SealedLog) -> None:
    sealed.grow(7, 1, 16, 9)
    whole, rng = sealed.table.rows(), random.Random(7)
    for _ in range(14):
        edit = tampered(sealed.table, rng)
        (found,) = sealed.verify().differences
        assert (found.first, found.last) == (edit.first, edit.first), edit
        sealed.table.replace(whole)
    assert not sealed.verify().differences


def test_a_sealer_that_died_before_it_told_the_witness_is_made_good(sealed: SealedLog) -> None:
    sealed.grow(5)
    elsewhere = WitnessFile(sealed.witness.path.with_name("elsewhere"))
    sealed.add(5, seed=2)
    assert sealed.sealer(elsewhere).work(0) == 5
    sealed.grow(5, seed=3)
    assert sealed.verify().sealed == 15


def test_a_witness_out_of_reach_is_named_by_its_setting_and_told_once_it_is_back(
    on_sqlite: SealedLog,
) -> None:
    on_sqlite.grow(5)
    away = WitnessFile(on_sqlite.witness.path.with_name("share") / "witness")
    on_sqlite.add(5, seed=2)
    with pytest.raises(
        WitnessOutOfReach, match=r"^SPO_SEAL__WITNESS: .*share/witness: No such file"
    ):
        on_sqlite.sealer(away).work(0)
    away.path.parent.mkdir()
    on_sqlite.add(1, seed=3)
    on_sqlite.sealer(away).work(0)
    assert [checkpoint(each.text).size for each in notes_in(away.path.read_text())] == [5, 11]


@pytest.mark.parametrize("torn", [1, 40, 100, 190, 300])
def test_a_witness_that_was_torn_gets_the_same_again(on_sqlite: SealedLog, torn: int) -> None:
    on_sqlite.grow(5, 6)
    whole = on_sqlite.witness.path.read_bytes()
    on_sqlite.witness.path.write_bytes(whole[:-torn])
    on_sqlite.grow(2, seed=3)
    assert on_sqlite.verify().sealed == 13
    assert {checkpoint(each.text).size for each in notes_in(whole.decode())} == {5, 11}


def test_two_sealers_of_one_key_keep_one_line(sealed: SealedLog) -> None:
    one, other = sealed.sealer(), sealed.sealer()
    sealed.add(4, seed=1)
    last = sealed.kept.last(sealed.key.origin)
    assert one.work(0) == 4
    assert other._seal(last) == 0  # it looked before the first had kept its own
    sealed.add(1, seed=2)
    assert sealed.seal() == 1
    assert sealed.verify().sealed == 5


def test_a_log_set_back_behind_its_witness_is_not_signed_again(on_sqlite: SealedLog) -> None:
    on_sqlite.grow(5, 5)
    store = on_sqlite.kept._connections  # type: ignore[attr-defined]  # the one in a file
    with store.writing() as connection:
        connection.execute("DELETE FROM checkpoints WHERE size = 10")
    on_sqlite.table.replace(on_sqlite.table.rows()[:5])
    on_sqlite.add(3, seed=9)
    with pytest.raises(SealRefused, match="has seen 10 events and this store's seal 5"):
        on_sqlite.seal()


def test_a_log_whose_sealed_end_was_changed_is_not_signed_on(sealed: SealedLog) -> None:
    sealed.grow(5)
    sealed.table.replace(sealed.table.rows()[:-1])
    sealed.add(3, seed=9)
    with pytest.raises(SealRefused, match="position 5 of the log is not what was sealed"):
        sealed.seal()


def test_a_witness_from_before_a_restore_is_not_added_to(on_sqlite: SealedLog) -> None:
    """Else the doctor would find it as far as the seal, and nobody would hear that the log went back."""
    on_sqlite.grow(5, 5)
    seen = on_sqlite.witness.path.read_text(encoding="utf-8")
    on_sqlite.table.replace(on_sqlite.table.rows()[:5])
    store = on_sqlite.kept._connections  # type: ignore[attr-defined]  # the one in a file
    with store.writing() as connection:
        connection.execute("DELETE FROM checkpoints")
    on_sqlite.key = new_seal_key(on_sqlite.witness.path.with_name("seal.key"))
    with pytest.raises(SealRefused, match="from before a restore: name a new witness"):
        on_sqlite.seal()
    assert on_sqlite.witness.path.read_text(encoding="utf-8") == seen
    another = WitnessFile(on_sqlite.witness.path.with_name("another"))
    assert on_sqlite.sealer(another).work(0) == 5


def test_a_checkpoint_somebody_else_signed_is_refused(on_sqlite: SealedLog) -> None:
    on_sqlite.grow(5)
    text = on_sqlite.witness.path.read_text(encoding="utf-8")
    with pytest.raises(CheckpointsRefused, match="public key was not given"):
        lines_of(text, {})
    keys = {on_sqlite.key.origin: on_sqlite.key.public}
    with pytest.raises(CheckpointsRefused, match="not signed by"):
        lines_of(text.replace("\n5\n", "\n6\n"), keys)
    with pytest.raises(CheckpointsRefused, match="no whole checkpoint"):
        lines_of("rubbish", keys)
