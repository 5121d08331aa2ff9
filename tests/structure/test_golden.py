"""Every event version ever released still loads, and says what it said."""

import json
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

import domain
from domain.events import EVENT_TYPES
from domain.upcasters import UPCASTERS
from spowatch.store.mapper import EventMapper

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = sorted(GOLDEN.glob("spo.*.json"))
STREAM = UUID("00000000-0000-5000-8000-000000000001")

for _module in walk_packages(domain.__path__, "domain."):
    import_module(_module.name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_event_stored_long_ago_reads_as_it_was_written(path: Path) -> None:
    state = path.read_bytes().strip()
    mapper = EventMapper(None, upcasters=UPCASTERS)
    recorded = mapper.to_domain_event(StoredEvent(STREAM, 1, path.stem, state))
    if path.stem not in UPCASTERS:
        written = json.loads(mapper.to_stored_event(recorded).state)
        assert_holds(written, json.loads(state))


def test_every_event_has_a_stored_example() -> None:
    released = {path.stem for path in FILES}
    missing = {topic for topic in EVENT_TYPES if topic.startswith("spo.")} - released
    assert not missing, "run: python -m tests.golden.write"


def test_no_stored_example_belongs_to_an_event_nobody_can_read() -> None:
    unreadable = {path.stem for path in FILES} - set(EVENT_TYPES) - set(UPCASTERS)
    assert not unreadable, "an event was removed or renamed without an upcaster"


def assert_holds(now: Any, then: Any) -> None:
    """All that was said then is said now; a field added since may stand beside it."""
    if isinstance(then, dict):
        for key, value in then.items():
            assert_holds(now[key], value)
    else:
        assert now == then
