import re
from collections.abc import Iterator

import pytest

from domain.events import Event
from spowatch.reference.pages import our_events, said_of
from tests.structure.checkout import page

OURS = our_events()
"""Other tests define small events of their own."""
TOPIC = re.compile(r"^spo\.[a-z][a-z0-9]*(-[a-z0-9]+)*\.v[1-9]\d*$")


def every_kind(kind: type[Event] = Event) -> Iterator[type[Event]]:
    for below in kind.__subclasses__():
        if below.__module__.startswith("domain."):
            yield below
            yield from every_kind(below)


def named(kind: type[Event]) -> bool:
    return "TOPIC" in vars(kind)


def test_every_event_names_its_own_topic() -> None:
    assert OURS
    nameless = [kind for kind in every_kind() if not named(kind) and not kind.__subclasses__()]
    assert not nameless
    assert {kind for kind in every_kind() if named(kind)} == set(OURS.values())


@pytest.mark.parametrize("topic", sorted(OURS))
def test_an_event_keeps_for_ever(topic: str) -> None:
    kind = OURS[topic]
    assert TOPIC.match(topic)
    assert topic == kind.TOPIC
    assert not kind.__subclasses__()
    assert kind.model_config.get("frozen") is True
    assert kind.model_config.get("extra") == "forbid"


@pytest.mark.parametrize("topic", sorted(OURS))
def test_an_event_is_on_its_page(topic: str) -> None:
    assert said_of(OURS[topic])
    assert f"\n## `{topic}`\n" in page("docs/reference/events.md")


def test_no_event_says_only_that_something_changed() -> None:
    vague = re.compile(r"(Updated|StatusChanged|Created|Deleted|Modified)$")
    assert not [kind for kind in OURS.values() if vague.search(kind.__name__)]
