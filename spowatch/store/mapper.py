"""Between recorded events and the bytes of the log; what is read back is validated in full."""

from collections.abc import Iterable
from uuid import UUID

from eventsourcing.persistence import (
    JSONTranscoder,
    Mapper,
    MapperDeserialisationError,
    StoredEvent,
)
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from domain.events import EVENT_TYPES, Envelope, Event, RecordedEvent
from domain.personal import Wanted
from spowatch.store.event_form import EventForm, State, event_form
from spowatch.store.keys import KeyMissing, KeyStore
from spowatch.store.upcasting import Upcasters, upcast, way_to_newest
from spowatch.store.vault import EventSeal, SealBroken, keys_named

_META = TypeAdapter(Envelope).serializer
_STATED: dict[frozenset[str], set[str]] = {}
"""Each choice of fields that was ever stated, once."""


class UnknownTopic(MapperDeserialisationError):
    """No event of this release has this topic, and no upcaster leads to one that has."""

    def __init__(self, stored: StoredEvent) -> None:
        super().__init__(f"{_named(stored)} has a topic that this release does not know")


class UnreadableEvent(MapperDeserialisationError):
    """The stored bytes are not what was written. Says which event and why, never what it holds."""

    def __init__(self, stored: StoredEvent, reason: str) -> None:
        super().__init__(f"{_named(stored)} cannot be read: {reason}")


class UnwritableEvent(ValueError):
    """A field holds what its own type does not allow. Says which event, never what it holds."""

    def __init__(self, recorded: RecordedEvent) -> None:
        super().__init__(
            f"{recorded.topic}, version {recorded.originator_version} of "
            f"{recorded.originator_id}, does not fit its own fields"
        )


class EventMapper(Mapper[UUID]):
    """State is JSON: `{"meta": envelope, "event": payload}`, personal words sealed.

    The payload is written in full, so that a default changed later never changes what was
    recorded. Without `keys` nothing is sealed, and sealed words cannot be read.
    """

    def __init__(self, keys: KeyStore | None, *, upcasters: Upcasters) -> None:
        super().__init__(JSONTranscoder())
        self._keys = keys
        self._upcasters = upcasters
        self._forms: dict[str, EventForm] = {}

    def to_stored_event(self, domain_event: RecordedEvent) -> StoredEvent:  # type: ignore[override]  # only our events come here
        """Makes the keys it needs, durably, before it returns.

        Raises `WordsRefused` when words can be kept under nobody's key.
        """
        form = self._form(domain_event.topic)
        if form is None or form.upcasters:
            raise UnwritableEvent(domain_event)
        seal = self._closing(domain_event) if form.personal else None
        try:
            state = _written(domain_event, seal)
        except PydanticSerializationError:
            failure = seal.failure if seal is not None else None
            raise failure or UnwritableEvent(domain_event) from None
        stream, version = domain_event.originator_id, domain_event.originator_version
        return StoredEvent(stream, version, domain_event.topic, state)

    def to_domain_event(
        self, stored_event: StoredEvent, *, words: Wanted | None = None
    ) -> RecordedEvent:
        """Raises `UnknownTopic` or `UnreadableEvent`; a key store out of reach rises as it is.

        Where `words` says which are wanted, the others stay `LEFT_SEALED`; whether those are whole is
        found by whoever reads them.
        """
        form = self._form(stored_event.topic)
        if form is None:
            raise UnknownTopic(stored_event)
        seal = self._opening(stored_event, form, words) if form.personal else None
        try:
            state = _read(stored_event.state, form, seal)
        except (ValueError, OverflowError) as error:
            raise UnreadableEvent(stored_event, _reason(error)) from None
        stream: UUID = stored_event.originator_id  # type: ignore[assignment]  # never text here
        return RecordedEvent(stream, stored_event.originator_version, state["meta"], state["event"])

    def expect(self, stored: Iterable[StoredEvent], *, words: Wanted | None = None) -> None:
        """Find the keys these are about to be read with by one look, not by one a person."""
        if self._keys is None:
            return
        named: set[UUID] = set()
        for each in stored:
            fields = None if words is None else words.get(each.topic, ())
            if fields is None or fields:
                named |= keys_named(each.state, fields)
        if named:  # what needs no key is read though nobody answers for the keys
            self._keys.load(named)

    def _form(self, topic: str) -> EventForm | None:
        form = self._forms.get(topic)
        if form is None:
            newest, upcasters = way_to_newest(topic, self._upcasters)
            if newest in EVENT_TYPES:
                form = self._forms[topic] = event_form(EVENT_TYPES[newest], upcasters)
        return form

    def _closing(self, recorded: RecordedEvent) -> EventSeal | None:
        if self._keys is None:
            return None
        stream, version = recorded.originator_id, recorded.originator_version
        subject = recorded.envelope.subject_id
        return EventSeal(self._keys, stream, version, recorded.topic, subject=subject)

    def _opening(
        self, stored: StoredEvent, form: EventForm, words: Wanted | None
    ) -> EventSeal | None:
        if self._keys is None:
            return None
        stream: UUID = stored.originator_id  # type: ignore[assignment]  # never text here
        moved = bool(form.upcasters)
        seal = EventSeal(self._keys, stream, stored.originator_version, stored.topic, moved=moved)
        # What was told otherwise once is opened whole: its fields are wanted by their names of today.
        if words is not None and not moved:
            seal.fields = words.get(stored.topic, ())
        return seal


def _written(recorded: RecordedEvent, seal: EventSeal | None) -> bytes:
    meta, event = recorded.envelope, recorded.event
    return b'{"meta":%b,"event":%b}' % (
        _META.to_json(meta, exclude_none=True),
        event.__pydantic_serializer__.to_json(event, context=seal, warnings="error"),
    )


def _read(stored: bytes, form: EventForm, seal: EventSeal | None) -> State[Event]:
    told_today = upcast(stored, form.upcasters) if form.upcasters else stored
    state = form.read(told_today, context=seal)
    if seal is not None and seal.subject not in {None, state["meta"].subject_id}:
        msg = "sealed words are under the key of someone who is not the subject"
        raise SealBroken(msg)
    _share_names(state["event"])
    return state


def _share_names(event: Event) -> None:
    """Which of its fields were stated is the same for thousands of events, and a set of twenty names takes 2 KB."""
    stated = event.model_fields_set
    shared = _STATED.setdefault(frozenset(stated), stated)
    object.__setattr__(event, "__pydantic_fields_set__", shared)


def _reason(error: Exception) -> str:
    """What went wrong, in words that are never the event's own."""
    if isinstance(error, ValidationError):
        return "; ".join(
            _fault(each["type"], each.get("ctx", {}).get("error")) for each in error.errors()
        )
    return str(error) if isinstance(error, SealBroken | KeyMissing) else type(error).__name__


def _fault(kind: str, cause: object) -> str:
    return str(cause) if isinstance(cause, SealBroken | KeyMissing) else kind


def _named(stored: StoredEvent) -> str:
    return f"{stored.topic}, version {stored.originator_version} of {stored.originator_id}"
