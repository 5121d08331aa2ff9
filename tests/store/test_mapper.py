import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from domain.events import Envelope, Event, RecordedEvent
from domain.personal import DefendantText
from spowatch.store.keys import KeyStore
from spowatch.store.mapper import EventMapper, UnknownTopic, UnreadableEvent, UnwritableEvent
from spowatch.store.personal_words import holds_personal_words
from tests.store.sample_events import (
    DEFENDANT,
    NOON,
    ORDER,
    ContactReported,
    NameLearned,
    PatrolNoted,
    Person,
    contact,
    patrol,
    recorded,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
INSTANTS = st.datetimes(timezones=st.just(UTC))
PEOPLE = st.builds(Person, name=TEXT, place=st.none() | TEXT)
CONTACTS = st.builds(
    ContactReported,
    narrative=TEXT,
    alias=st.none() | TEXT,
    told_by=st.none() | PEOPLE,
    others=st.lists(PEOPLE, max_size=3).map(tuple),
    words=st.dictionaries(TEXT, TEXT, max_size=3),
)
PATROLS = st.builds(
    PatrolNoted,
    occurred_at=INSTANTS,
    area=TEXT,
    next_on=st.none() | st.dates(),
    visits=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3).map(tuple),
)
ENVELOPES = st.builds(
    Envelope,
    occurred_at=INSTANTS,
    recorded_at=INSTANTS,
    entered_at=INSTANTS,
    subject_id=st.just(DEFENDANT),
    actor=TEXT,
    correlation_id=st.none() | st.uuids(),
)
HISTORY = st.builds(
    RecordedEvent,
    originator_id=st.uuids(),
    originator_version=st.integers(1, 10_000),
    envelope=ENVELOPES,
    event=CONTACTS | PATROLS,
)


@given(written=HISTORY)
@settings(deadline=None)
def test_any_event_is_read_back_as_it_was_written(keys: KeyStore, written: RecordedEvent) -> None:
    mapper = EventMapper(keys, upcasters={})
    stored = mapper.to_stored_event(written)
    assert EventMapper(keys, upcasters={}).to_domain_event(stored) == written


def test_another_time_zone_is_the_same_instant(mapper: EventMapper) -> None:
    abroad = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))
    written = recorded(PatrolNoted(occurred_at=abroad, area="Dover"))
    assert mapper.to_domain_event(mapper.to_stored_event(written)) == written


def test_personal_words_are_nowhere_in_the_stored_bytes(mapper: EventMapper) -> None:
    written = contact("Ann saw him", told_by=Person(name="Ann Lee"), words={"home": "Elm Row 4"})
    state = mapper.to_stored_event(recorded(written)).state
    assert not [words for words in (b"Ann", b"Elm", b"him") if words in state]
    assert str(DEFENDANT).encode() in state


def test_facts_are_stored_in_full_so_that_a_later_default_changes_nothing(
    mapper: EventMapper,
) -> None:
    payload = json.loads(mapper.to_stored_event(patrol()).state)["event"]
    assert payload.keys() == {"occurred_at", "area", "next_on", "visits"}


def test_events_that_state_the_same_fields_hold_the_names_of_these_together(
    mapper: EventMapper,
) -> None:
    stored = [mapper.to_stored_event(patrol(version)) for version in (1, 2)]
    first, second = (mapper.to_domain_event(each).event for each in stored)
    assert first.model_fields_set is second.model_fields_set
    assert first.model_fields_set == set(PatrolNoted.model_fields)
    longer = first.model_copy(update={"area": "Hythe"})
    assert longer.model_fields_set is not first.model_fields_set


def test_an_unknown_topic_names_the_event(mapper: EventMapper) -> None:
    stored = StoredEvent(ORDER, 7, "test.never-heard.v1", b"{}")
    with pytest.raises(UnknownTopic, match=rf"test\.never-heard\.v1, version 7 of {ORDER}"):
        mapper.to_domain_event(stored)


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state[:-2],
        lambda state: state.replace(b'"area":"Dover"', b'"area":5'),
        lambda state: state.replace(b'"area"', b'"street"'),
        lambda state: state.replace(b'"event"', b'"other":1,"event"'),
        lambda state: state.replace(b"2025-03-01", b"2025-03-41"),
        lambda state: re.sub(
            rb'recorded_at":"[^"]+', b'recorded_at":"0001-01-01T00:00+01:00', state
        ),
        lambda _: b"",
    ],
)
def test_damaged_bytes_are_refused_by_name_and_without_their_content(
    mapper: EventMapper, change: Callable[[bytes], bytes]
) -> None:
    stored = mapper.to_stored_event(patrol(version=3))
    damaged = replace(stored, state=change(stored.state))
    with pytest.raises(UnreadableEvent, match=rf"version 3 of {ORDER}") as refusal:
        mapper.to_domain_event(damaged)
    assert "Dover" not in str(refusal.value)
    assert "street" not in str(refusal.value)


def test_an_event_that_breaks_its_own_rules_is_not_written(mapper: EventMapper) -> None:
    broken = patrol().event.model_copy(update={"occurred_at": "soon"})
    with pytest.raises(UnwritableEvent, match=r"test\.patrol-noted\.v1") as refusal:
        mapper.to_stored_event(recorded(broken))
    assert "soon" not in str(refusal.value)


def test_words_whose_place_would_be_counted_twice_are_refused() -> None:
    class Said(BaseModel):
        words: DefendantText

    class Heard(BaseModel):
        words: DefendantText

    class Unclear(BaseModel):
        of: Said | Heard

    with pytest.raises(TypeError, match="Unclear has personal words in a union"):
        holds_personal_words(Unclear)  # type: ignore[arg-type]  # no event, which is enough for it
    assert holds_personal_words(ContactReported)
    assert not holds_personal_words(PatrolNoted)


def swap_names(payload: dict[str, object]) -> dict[str, object]:
    """`name-used.v1` told the alias last and the name first, and had no date."""
    return {"alias": payload["alias"], "name": payload["name"]}


def add_date(payload: dict[str, object]) -> dict[str, object]:
    return {**payload, "since": None}


UPCASTERS = {
    "test.name-used.v1": ("test.name-used.v2", swap_names),
    "test.name-used.v2": (NameLearned.TOPIC, add_date),
}


class NameUsed(Event):
    """As an older release knew it."""

    TOPIC = "test.name-used.v1"
    name: DefendantText
    alias: DefendantText


def test_an_old_event_is_read_as_it_is_told_today(keys: KeyStore, mapper: EventMapper) -> None:
    stored = mapper.to_stored_event(recorded(NameUsed(name="John Lee", alias="Jack")))
    told = EventMapper(keys, upcasters=UPCASTERS).to_domain_event(stored)
    assert told.event == NameLearned(since=None, name="John Lee", alias="Jack")
    assert told.topic == NameLearned.TOPIC
    in_part = EventMapper(keys, upcasters=UPCASTERS).to_domain_event(stored, words={})
    assert in_part == told


def test_the_words_of_an_old_event_cannot_change_places(
    keys: KeyStore, mapper: EventMapper
) -> None:
    stored = mapper.to_stored_event(recorded(NameUsed(name="John Lee", alias="Jack")))
    state = json.loads(stored.state)
    event = state["event"]
    event["name"], event["alias"] = event["alias"], event["name"]
    with pytest.raises(UnreadableEvent, match="altered or moved"):
        EventMapper(keys, upcasters=UPCASTERS).to_domain_event(
            replace(stored, state=json.dumps(state).encode())
        )


def test_a_retired_event_is_not_written_again(keys: KeyStore) -> None:
    with pytest.raises(UnwritableEvent):
        EventMapper(keys, upcasters=UPCASTERS).to_stored_event(
            recorded(NameUsed(name="John Lee", alias="Jack"))
        )


def test_a_mapper_without_keys_cannot_read_sealed_words(mapper: EventMapper) -> None:
    stored = mapper.to_stored_event(recorded(contact()))
    with pytest.raises(UnreadableEvent):
        EventMapper(None, upcasters={}).to_domain_event(stored)
