"""How the stored bytes of one topic are read, compiled once a process."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import TypedDict

from domain.events import Envelope, Event
from spowatch.store.personal_words import holds_personal_words
from spowatch.store.upcasting import Upcaster

E = TypeVar("E", bound=Event)


class State(TypedDict, Generic[E]):
    """The stored bytes of an event, read back."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]  # how pydantic reads a TypedDict

    meta: Envelope
    event: E


@dataclass(frozen=True, slots=True)
class EventForm:
    """`read` validates all of the bytes, once `upcasters` have told them as they are told today."""

    read: Callable[..., State[Event]]
    personal: bool
    upcasters: tuple[Upcaster, ...]


@cache
def event_form(event_type: type[Event], upcasters: tuple[Upcaster, ...]) -> EventForm:
    state: TypeAdapter[State[Event]] = TypeAdapter(State[event_type])  # type: ignore[valid-type]  # known when it runs
    read = state.validator.validate_json
    return EventForm(read, holds_personal_words(event_type), upcasters)
