"""What every key store promises, whatever it is kept in; each test is given one as `kept`."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from time import monotonic
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest

from spowatch.store.data_key import WrongMasterKey
from spowatch.store.keys import FRESH_FOR, Destroyed, KeyDamaged, KeyMissing, KeyStore
from spowatch.store.sqlite_connection import StoreUnavailable
from spowatch.store.vault import fingerprint
from tests.forking import FORKING
from tests.store.sample_events import NOON


class Kept(Protocol):
    """A key store's place, and a look at what lies there."""

    def open(self) -> KeyStore: ...

    def open_under(self, master_key: bytes) -> KeyStore: ...

    def migrate_under(self, master_key: bytes) -> None: ...

    def wrapped(self, key_id: UUID) -> bytes | None: ...

    def put_in_place_of(self, key_id: UUID, wrapped: bytes) -> None: ...


def named(key: Any) -> str:
    """Two keys of the same name are the same key."""
    assert not isinstance(key, Destroyed)
    return fingerprint(key, "Jack")


def destroy_elsewhere(kept: Kept, person: UUID) -> None:
    with closing(kept.open()) as store:
        store.destroy(person, at=NOON)


class KeyContract:
    def test_a_key_is_on_disk_before_it_is_used(self, store: KeyStore, kept: Kept) -> None:
        person = uuid4()
        assert kept.wrapped(person) is None
        store.key_or_new(person)
        assert kept.wrapped(person)
        with closing(kept.open()) as other:
            assert other.key(person) == other.key_or_new(person)

    def test_two_processes_that_meet_a_person_first_use_one_key(
        self, store: KeyStore, kept: Kept
    ) -> None:
        person = uuid4()
        mine = store.key_or_new(person)
        with closing(kept.open()) as other:
            other.create([person])
            assert named(mine) == named(other.key(person))

    def test_many_that_meet_a_person_in_the_same_moment_use_one_key(self, kept: Kept) -> None:
        people = [uuid4() for _ in range(10)]

        def met(turn: int) -> list[str]:
            with closing(kept.open()) as own:
                own.create(people[::-1] if turn % 2 else people)
                return [named(own.key_or_new(each)) for each in people]

        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(met, range(4)))
        assert found == [found[0]] * 4

    def test_a_key_made_and_destroyed_in_the_same_moment_stays_destroyed(self, kept: Kept) -> None:
        people = [uuid4() for _ in range(40)]

        def make() -> None:
            with closing(kept.open()) as own:
                for each in people:
                    own.create([each])

        def destroy() -> None:
            with closing(kept.open()) as own:
                for each in people:
                    own.destroy(each, at=NOON)

        with ThreadPoolExecutor(3) as pool:
            for done in [pool.submit(each) for each in (make, destroy, make)]:
                done.result()
        with closing(kept.open()) as after:
            assert [after.key_or_new(each) for each in people] == [Destroyed(NOON)] * 40
        assert [kept.wrapped(each) for each in people] == [None] * 40

    def test_a_key_that_never_was_is_not_made_by_asking(self, store: KeyStore) -> None:
        person = uuid4()
        with pytest.raises(KeyMissing, match=str(person)):
            store.key(person)

    def test_a_destroyed_key_stays_destroyed_from_its_first_date_on(
        self, store: KeyStore, kept: Kept
    ) -> None:
        person = uuid4()
        store.key_or_new(person)
        store.destroy(person, at=NOON)
        store.destroy(person, at=NOON + timedelta(days=1))
        store.create([person])
        assert store.key(person) == store.key_or_new(person) == Destroyed(NOON)
        assert kept.wrapped(person) is None

    def test_a_person_without_a_key_can_be_erased_beforehand(self, store: KeyStore) -> None:
        person = uuid4()
        store.destroy(person, at=NOON)
        assert store.key_or_new(person) == Destroyed(NOON)

    def test_a_key_destroyed_by_another_process_is_soon_gone_here(
        self, store: KeyStore, kept: Kept
    ) -> None:
        person = uuid4()
        store.key_or_new(person)
        process = FORKING.Process(target=destroy_elsewhere, args=(kept, person))
        process.start()
        process.join()
        assert process.exitcode == 0
        stale_until = asked = monotonic() + FRESH_FOR
        while store.key(person) != Destroyed(NOON):
            assert asked <= stale_until
            asked = monotonic()

    def test_a_key_cannot_be_taken_for_another_persons(self, store: KeyStore, kept: Kept) -> None:
        one, other = uuid4(), uuid4()
        store.create([one, other])
        kept.put_in_place_of(other, kept.wrapped(one) or b"")
        with pytest.raises(KeyDamaged, match=f"the key {other} is damaged"):
            store.key(other)
        with pytest.raises(StoreUnavailable, match=r"is damaged.*bring it from a backup"):
            store.key_or_new(other)

    def test_keys_found_by_one_look_need_no_other(self, store: KeyStore, kept: Kept) -> None:
        known, altered, erased = people = [uuid4(), uuid4(), uuid4()]
        store.create(people)
        store.destroy(erased, at=NOON)
        kept.put_in_place_of(altered, b"of nobody")
        name = named(store.key(known))
        with closing(kept.open()) as other:
            other.load([altered, erased, uuid4(), known])
            kept.put_in_place_of(known, b"of nobody")
            assert (named(other.key(known)), other.key(erased)) == (name, Destroyed(NOON))
            with pytest.raises(KeyDamaged):
                other.key(altered)

    def test_another_master_key_opens_nothing_and_takes_nothing_over(self, kept: Kept) -> None:
        with pytest.raises(WrongMasterKey):
            kept.open_under(bytes(32))
        with pytest.raises(WrongMasterKey):
            kept.migrate_under(bytes(32))
        kept.open().close()

    def test_a_key_shows_nothing_of_itself(self, store: KeyStore) -> None:
        assert repr(store.key_or_new(uuid4())) == "DataKey()"
