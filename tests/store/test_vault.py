import json
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent

from domain.events import RecordedEvent, Stream
from domain.personal import LEFT_SEALED, ErasedText, Wanted
from spowatch.store.keys import KeyStore
from spowatch.store.keys_sqlite import SqliteKeyTable, migrate_keys, sqlite_keys
from spowatch.store.mapper import EventMapper, UnreadableEvent
from spowatch.store.sqlite_connection import StoreUnavailable
from spowatch.store.vault import WordsRefused, protected_key_id
from tests.store.conftest import MASTER
from tests.store.sample_events import (
    DEFENDANT,
    NOON,
    ORDER,
    ContactReported,
    Person,
    contact,
    envelope,
    recorded,
)

Change = Callable[[dict[str, Any]], None]


class CountedLooks(SqliteKeyTable):
    """Remembers which keys were asked for, look by look."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asked: list[set[UUID]] = []
        self.away = False

    def destroyed(self) -> int:
        if self.away:
            raise StoreUnavailable(Path("keys.db"), "is away", "bring it back")
        return super().destroyed()

    def find(self, key_ids: Collection[UUID]) -> dict[UUID, bytes | datetime]:
        self.asked.append(set(key_ids))
        return super().find(key_ids)


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[CountedLooks]:
    path = tmp_path / "keys.db"
    migrate_keys(path, MASTER)
    with closing(CountedLooks(path)) as table:
        yield table


def test_the_keys_of_many_events_are_found_by_one_look(counted: CountedLooks) -> None:
    people = [uuid4() for _ in range(3)]
    said = contact(told_by=Person(name="Jill"))
    writer = EventMapper(KeyStore(counted, MASTER), upcasters={})
    written = [writer.to_stored_event(about(person, said)) for person in people]
    counted.asked.clear()
    reader = EventMapper(KeyStore(counted, MASTER), upcasters={})
    reader.expect(written)
    assert [reader.to_domain_event(each).event for each in written] == [said] * 3
    assert counted.asked == [{*people, protected_key_id(ORDER)}]


@pytest.mark.parametrize(("field", "one"), [("narrative", DEFENDANT), ("told_by", None)])
def test_only_keys_of_words_somebody_wants_are_looked_for(
    counted: CountedLooks, field: str, one: UUID | None
) -> None:
    mapper = EventMapper(KeyStore(counted, MASTER), upcasters={})
    stored = mapper.to_stored_event(about(DEFENDANT, contact(told_by=Person(name="Jill"))))
    counted.asked.clear()
    reader = EventMapper(KeyStore(counted, MASTER), upcasters={})
    reader.expect([stored], words={"another.v1": {"narrative"}})
    assert counted.asked == []
    reader.expect([stored], words={stored.topic: {field}})
    assert counted.asked == ([{one}] if one else [])


def test_no_more_keys_are_kept_than_there_is_room_for(counted: CountedLooks) -> None:
    people = [uuid4() for _ in range(4)]
    keys = KeyStore(counted, MASTER, most=2)
    keys.create(people)
    first = [keys.key(person) for person in people]
    counted.asked.clear()
    assert keys.key(people[3]) is first[3]
    assert keys.key(people[0]) is not first[0]
    assert counted.asked == [{people[0]}]


def test_what_needs_no_key_is_read_though_nobody_answers_for_the_keys(
    counted: CountedLooks,
) -> None:
    mapper = EventMapper(KeyStore(counted, MASTER), upcasters={})
    stored = mapper.to_stored_event(about(DEFENDANT, contact(told_by=Person(name="Jill"))))
    reader = EventMapper(KeyStore(counted, MASTER), upcasters={})
    counted.away = True
    nothing_wanted: Wanted = {stored.topic: ()}
    reader.expect([stored], words=nothing_wanted)
    found = reader.to_domain_event(stored, words=nothing_wanted)
    assert isinstance(found.event, ContactReported)
    assert found.event.narrative is LEFT_SEALED
    with pytest.raises(StoreUnavailable):
        reader.expect([stored])


def changed(stored: StoredEvent, change: Change) -> StoredEvent:
    state = json.loads(stored.state)
    change(state["event"])
    return replace(stored, state=json.dumps(state).encode())


def about(subject: UUID, event: ContactReported, version: int = 1) -> RecordedEvent:
    return RecordedEvent(ORDER, version, envelope(subject), event)


def swap_fields(event: dict[str, Any]) -> None:
    event["narrative"], event["alias"] = event["alias"], event["narrative"]


def copy_field(event: dict[str, Any]) -> None:
    event["alias"] = event["narrative"]


def alter_ciphertext(event: dict[str, Any]) -> None:
    event["narrative"]["c"] = event["narrative"]["c"][::-1]


def alter_fingerprint(event: dict[str, Any]) -> None:
    event["narrative"]["t"] = "00" * 10


def drop_ciphertext(event: dict[str, Any]) -> None:
    del event["narrative"]["c"]


def empty_ciphertext(event: dict[str, Any]) -> None:
    event["narrative"]["c"] = ""


def swap_people(event: dict[str, Any]) -> None:
    event["others"].reverse()


def say_it_about_someone_else(event: dict[str, Any]) -> None:
    event["narrative"], event["others"][0]["name"] = event["others"][0]["name"], event["narrative"]


@pytest.mark.parametrize(
    "change",
    [
        swap_fields,
        copy_field,
        alter_ciphertext,
        alter_fingerprint,
        drop_ciphertext,
        empty_ciphertext,
        swap_people,
        say_it_about_someone_else,
    ],
)
def test_words_that_were_altered_or_moved_are_refused(mapper: EventMapper, change: Change) -> None:
    event = contact(alias="Jack", others=(Person(name="Ann"), Person(name="Bea")))
    stored = mapper.to_stored_event(recorded(event))
    assert mapper.to_domain_event(stored).event == event
    with pytest.raises(UnreadableEvent, match="sealed words"):
        mapper.to_domain_event(changed(stored, change))


@pytest.mark.parametrize(
    "elsewhere", [{"originator_version": 2}, {"originator_id": uuid4()}], ids=["version", "stream"]
)
def test_words_of_one_event_cannot_stand_in_another(
    mapper: EventMapper, elsewhere: dict[str, Any]
) -> None:
    stored = mapper.to_stored_event(recorded(contact()))
    with pytest.raises(UnreadableEvent, match="altered or moved"):
        mapper.to_domain_event(replace(stored, **elsewhere))


def test_words_nobody_asked_for_stay_sealed_and_those_asked_for_are_as_whole_as_ever(
    mapper: EventMapper,
) -> None:
    event = contact("rang", alias="Jack", others=(Person(name="Ann", place="Elm Row"),))
    stored, wanted = mapper.to_stored_event(recorded(event)), {event.TOPIC: {"alias", "place"}}
    read = mapper.to_domain_event(stored, words=wanted).event
    assert read == contact(
        LEFT_SEALED, alias="Jack", others=(Person(name=LEFT_SEALED, place="Elm Row"),)
    )
    mapper.to_domain_event(changed(stored, alter_ciphertext), words=wanted)
    with pytest.raises(UnreadableEvent, match="sealed words"):
        mapper.to_domain_event(changed(stored, swap_fields), words=wanted)
    nothing = mapper.to_domain_event(stored, words={}).event
    assert isinstance(nothing, ContactReported)
    assert nothing.alias is LEFT_SEALED


def test_what_was_read_in_part_is_not_kept(mapper: EventMapper) -> None:
    stored = mapper.to_stored_event(recorded(contact("rang")))
    in_part = mapper.to_domain_event(stored, words={}).event
    with pytest.raises(WordsRefused, match="read the event whole"):
        mapper.to_stored_event(recorded(in_part, version=2))


def test_words_stay_with_the_person_they_are_about(mapper: EventMapper) -> None:
    stored = mapper.to_stored_event(recorded(contact()))
    state = json.loads(stored.state)
    state["meta"]["subject_id"] = str(uuid4())
    with pytest.raises(UnreadableEvent, match="not the subject"):
        mapper.to_domain_event(replace(stored, state=json.dumps(state).encode()))


def test_erased_words_leave_equal_marks_where_they_were_equal(
    keys: KeyStore, mapper: EventMapper
) -> None:
    subject = uuid4()
    stored = [
        mapper.to_stored_event(about(subject, contact(words), version))
        for version, words in enumerate(["John  LEE", "john lee", "Jack"], start=1)
    ]
    keys.destroy(subject, at=NOON)
    first, same, other = (mapper.to_domain_event(each).event.narrative for each in stored)  # type: ignore[attr-defined]  # what stands there is known
    assert type(first) is type(other) is ErasedText
    assert first == same != other
    assert "lee" not in first.casefold()


def test_erasing_one_person_leaves_the_words_about_the_other(
    keys: KeyStore, mapper: EventMapper
) -> None:
    subject = uuid4()
    event = contact(told_by=Person(name="Ann Lee"))
    stored = mapper.to_stored_event(about(subject, event))
    keys.destroy(subject, at=NOON)
    told = mapper.to_domain_event(stored).event
    assert isinstance(told, ContactReported)
    assert type(told.narrative) is ErasedText
    assert told.told_by == Person(name="Ann Lee")


@dataclass(slots=True)
class Names(Stream):
    """A fold that counts names, as a notification duty does."""

    names: set[str] = field(default_factory=set)

    def apply(self, recorded: RecordedEvent) -> None:
        assert isinstance(recorded.event, ContactReported)
        self.names.add(recorded.event.narrative)


def test_a_stream_still_folds_after_erasure(keys: KeyStore, mapper: EventMapper) -> None:
    subject, spoken = uuid4(), ["John Lee", "JOHN LEE", "Jack"]
    history = [about(subject, contact(name), n) for n, name in enumerate(spoken, start=1)]
    stored = [mapper.to_stored_event(each) for each in history]
    keys.destroy(subject, at=NOON)
    stream = Names(ORDER)
    stream.fold(mapper.to_domain_event(each) for each in stored)
    assert (stream.version, len(stream.names)) == (3, 2)


def test_an_erased_name_may_be_carried_on_but_nothing_new_is_kept(
    keys: KeyStore, mapper: EventMapper
) -> None:
    subject = uuid4()
    stored = mapper.to_stored_event(about(subject, contact("Jack")))
    keys.destroy(subject, at=NOON)
    erased = mapper.to_domain_event(stored).event
    assert isinstance(erased, ContactReported)
    again = mapper.to_stored_event(about(subject, erased, version=2))
    assert mapper.to_domain_event(again).event == erased
    with pytest.raises(WordsRefused, match="was destroyed"):
        mapper.to_stored_event(about(subject, contact("Jack is back"), version=3))


def test_words_about_a_defendant_need_to_say_which(mapper: EventMapper) -> None:
    nobody = RecordedEvent(ORDER, 1, envelope(subject=None), contact())
    with pytest.raises(WordsRefused, match="names its subject"):
        mapper.to_stored_event(nobody)


def test_a_destroyed_key_cannot_be_named_to_hide_the_words_of_another(
    keys: KeyStore, mapper: EventMapper
) -> None:
    gone = uuid4()
    keys.destroy(gone, at=NOON)
    stored = mapper.to_stored_event(recorded(contact(others=(Person(name="Ann"),))))

    def name_it(event: dict[str, Any]) -> None:
        event["others"][0]["name"]["k"] = str(gone)

    with pytest.raises(UnreadableEvent, match="another person's key"):
        mapper.to_domain_event(changed(stored, name_it))


def test_a_key_store_of_another_log_is_no_erasure(mapper: EventMapper, tmp_path: Path) -> None:
    stored = mapper.to_stored_event(recorded(contact()))
    migrate_keys(tmp_path / "other.db", MASTER)
    other = sqlite_keys(tmp_path / "other.db", MASTER)
    with pytest.raises(UnreadableEvent, match="never had the key"):
        EventMapper(other, upcasters={}).to_domain_event(stored)
    other.close()


def test_each_order_has_a_key_of_its_own_for_the_people_it_protects() -> None:
    assert protected_key_id(ORDER) != protected_key_id(uuid4())
    assert protected_key_id(ORDER) == protected_key_id(UUID(str(ORDER)))
