from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from domain.calendar import Window
from domain.conditions import Condition, Period, incompatible
from domain.events import EVENT_TYPES, Event, RecordedEvent, Stream, earliest, event_id, holds
from domain.facts.notification import NameUsed
from domain.facts.person import CustodyEnded, CustodyStarted
from domain.offences import CATALOGUE, max_summary_months
from domain.personal import About, ErasedText
from domain.spells import Spell
from tests.given_when_then import at, envelope

NOON = at("2026-11-02 12:00")
ORDER = UUID(int=1)


def test_no_two_events_share_a_topic() -> None:
    with pytest.raises(TypeError, match=r"two events claim the topic spo\.custody-ended\.v1"):
        type("Twin", (Event,), {"TOPIC": CustodyEnded.TOPIC, "__module__": __name__})
    assert EVENT_TYPES[CustodyEnded.TOPIC] is CustodyEnded


def test_an_event_s_identity_is_its_place() -> None:
    recorded = RecordedEvent(ORDER, 3, envelope(NOON), CustodyEnded())
    assert recorded.event_id == event_id(ORDER, 3) != event_id(ORDER, 4)
    assert recorded.topic == "spo.custody-ended.v1"
    assert [holds(recorded, kind) for kind in (CustodyEnded, CustodyStarted)] == [True, False]


def test_a_time_stated_in_another_zone_is_kept_in_utc() -> None:
    stated = NOON.astimezone(timezone(timedelta(hours=1)))
    kept = envelope(stated)
    assert kept.occurred_at.tzinfo is kept.recorded_at.tzinfo is UTC
    assert kept.occurred_at == NOON


def test_a_stream_says_itself_what_its_events_mean() -> None:
    with pytest.raises(NotImplementedError):
        Stream(ORDER).apply(RecordedEvent(ORDER, 1, envelope(NOON), CustodyEnded()))


def test_the_earliest_of_the_instants_there_are() -> None:
    assert earliest(None, NOON, NOON + timedelta(hours=1)) == NOON
    assert earliest(None) is None


def test_a_spell_lasts_up_to_but_not_including_its_end() -> None:
    spell = Spell(NOON, NOON + timedelta(hours=1))
    assert spell.covers(NOON)
    assert not spell.covers(NOON + timedelta(hours=1))
    assert not spell.covers(NOON - timedelta(seconds=1))
    assert Spell(NOON).covers(datetime.max.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("start", "end", "meets"), [(-2, 0, False), (-2, 1, True), (59, 90, True), (60, 90, False)]
)
def test_spells_that_only_touch_do_not_overlap(*, start: int, end: int, meets: bool) -> None:
    spell = Spell(NOON, NOON + timedelta(minutes=60))
    minutes = (NOON + timedelta(minutes=start), NOON + timedelta(minutes=end))
    assert spell.overlaps(*minutes) is meets


def test_a_window_opens_on_its_first_day_and_closes_after_its_last() -> None:
    window = Window.of_days(NOON.date(), 3)
    assert window.opens == at("2026-11-02 00:00")
    assert window.deadline == at("2026-11-05 00:00")


def test_a_requirement_and_a_place_barred_conflict_in_either_order() -> None:
    sign_on = Condition(code="R-SIGN-ON", at="Dover  Police Station")
    zone = Condition(code="P-ZONE-DIST", around="dover police station", metres=100)
    assert incompatible(sign_on, zone)
    assert incompatible(zone, sign_on)


@pytest.mark.parametrize(
    "other",
    [
        Condition(code="P-ZONE-DIST", around="Folkestone", metres=100),
        Condition(code="P-ZONE-DIST", metres=100),
        Condition(code="P-CONTACT-DIRECT", area="Dover"),
        Condition(code="R-PROGRAMME", at="Dover"),
    ],
)
def test_terms_that_can_both_be_kept_do_not_conflict(other: Condition) -> None:
    assert not incompatible(Condition(code="R-SIGN-ON", at="Dover"), other)


def test_a_requirement_to_be_nowhere_in_particular_conflicts_with_nothing() -> None:
    zone = Condition(code="P-ZONE-AREA", area="Dover")
    assert not incompatible(Condition(code="R-SIGN-ON"), zone)


def test_a_term_lacks_content_when_it_says_half() -> None:
    own = Period(last_day=NOON.date())
    assert Condition(code="P-ZONE-AREA", locality_limited=True).lacks_content
    assert Condition(code="P-ZONE-AREA", own_period=True).lacks_content
    assert not Condition(code="P-ZONE-AREA", locality_limited=True, locality="Kent").lacks_content
    assert not Condition(code="P-ZONE-AREA", own_period=True, period=own).lacks_content


@pytest.mark.parametrize(
    ("offence", "conviction", "months"),
    [
        ("2022-05-01", "2025-01-01", 6),
        ("2022-05-02", "2022-05-02", 12),
        ("2022-05-02", "2023-03-29", 12),
        ("2022-05-02", "2023-03-30", 6),
        ("2024-11-17", "2024-11-17", 6),
        ("2024-11-17", "2024-11-18", 12),
        ("2026-01-01", "2026-11-21", 12),
    ],
)
def test_the_magistrates_limit_by_offence_and_conviction(
    offence: str, conviction: str, months: int
) -> None:
    days = (datetime.fromisoformat(day).date() for day in (offence, conviction))
    assert max_summary_months(*days) == months


def test_every_offence_has_its_own_code() -> None:
    assert len({entry.pnld for entry in CATALOGUE.values()}) == len(CATALOGUE) == 6


class Reversed:
    """A seal a child could break: it writes words backwards, and forgets what is about nobody."""

    def close(self, about: About, words: str) -> dict[str, str]:
        return {about: words[::-1]}

    def open(self, about: About, sealed: dict[str, str], _: str | None) -> str:
        words = sealed.get(about)
        return ErasedText("erased") if words is None else words[::-1]


def test_personal_words_are_stored_sealed_and_read_back() -> None:
    used = NameUsed(name="Alex Moor")
    stored = used.model_dump_json(context=Reversed())
    assert "Alex" not in stored
    assert NameUsed.model_validate_json(stored, context=Reversed()) == used


def test_words_whose_key_is_gone_are_read_as_erased() -> None:
    erased = NameUsed.model_validate_json('{"name": {}}', context=Reversed())
    assert isinstance(erased.name, ErasedText)


def test_unsealed_words_are_read_as_they_stand() -> None:
    used = NameUsed(name="Alex Moor")
    assert NameUsed.model_validate_json(used.model_dump_json(), context=Reversed()) == used


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"area": "Kent", "around": "Dover", "at": "Deal"}, "Kent"),
        ({"around": "Dover", "at": "Deal"}, "Dover"),
        ({"at": "Deal"}, "Deal"),
        ({}, None),
    ],
)
def test_a_term_applies_at_the_place_it_names(values: dict[str, str], place: str | None) -> None:
    assert Condition.model_validate({"code": "P-ZONE-AREA"} | values).place() == place
