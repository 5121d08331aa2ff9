"""The register: loads a person's orders, states facts on them, saves what came of it at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, StoredEvent, Tracking
from eventsourcing.utils import Environment, EnvType

from domain.alerts import ArrestAlert
from domain.commands import Answer, Marker, command_stream
from domain.dossier import Dossier, order_id, subject_id
from domain.events import Envelope, RecordedEvent, Stream
from domain.facts import Fact
from domain.orders import FactRefused, OrderOpened, StalkingProtectionOrder
from domain.personal import Wanted
from domain.races import retried
from domain.refusals import refused
from domain.repeats import STANDARD_REPEATS, Row
from domain.subjects import Subject
from domain.submissions import OrderChanged, Submission, of_another_force
from domain.vocabulary import Statement

_ANSWERS = (Fact, FactRefused)
"""What stating a fact comes to; conclusions are recorded beside it."""

_S = TypeVar("_S", bound=Stream)


class Events(Protocol):
    """What a command asks of the event store."""

    def past(self, versions: Mapping[UUID, int]) -> Iterable[Sequence[RecordedEvent]]:
        """What each stream holds past that version of it; only streams that hold anything."""
        ...

    def append(self, events: Sequence[RecordedEvent]) -> Sequence[int]:
        """The position of each. Raises `IntegrityError`, with nothing saved, in a lost race."""
        ...


class Shelf(Protocol):
    """Where streams are kept from one command to the next. Safe to share between threads."""

    def take(self, identity: UUID, kind: type[_S]) -> _S:
        """The stream as last seen, ours alone until it is put back; an empty one where there is none."""
        ...

    def has(self, identity: UUID) -> bool:
        """Whether anything of it is kept."""
        ...

    def put(self, stream: Stream) -> None:
        """Keep it as it is, as long as there is room."""
        ...


class OrderRegister(Application[UUID]):
    """Every order, person, alert and command on the log. Safe to share between threads."""

    def __init__(
        self,
        factory: InfrastructureFactory[Any],
        shelf: Shelf,
        *,
        routes: Mapping[str, date] = MappingProxyType({}),
        policies_of: Callable[[str], Mapping[int, Any]] = lambda _: MappingProxyType({}),
        repeats: Callable[[], Sequence[Row]] = lambda: STANDARD_REPEATS,
    ) -> None:
        """`routes` are the provisions commenced so far, with their dates (settings).

        `policies_of` a force, by priority, are those its alerts escalate under from now on; the desk
        knows what they say, and its standard ones stand in for those that are missing. `repeats` is the
        table that holds now. Asking for either must not raise, or no alert would be.
        """
        self.policies_of = policies_of
        self.repeats = repeats
        self._given_factory = factory
        self._routes = routes
        self._shelf = shelf
        super().__init__()
        self._stored = cast("Events", self.events)

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Settings reach us by argument; the library would read the process environment."""
        return Environment(name, dict(env or {}))

    def construct_factory(self, _: Environment) -> InfrastructureFactory[Any]:
        return self._given_factory

    def state(
        self, submission: Submission, *, entered_at: datetime, save: bool = True
    ) -> list[Answer]:
        """Decide each fact in turn; save everything, or nothing when that fails.

        Answers come in the order of the statements. A refusal is an answer, not an error.
        Without `save` it is a rehearsal. Raises `OrderChanged`, though never for commands that were
        all answered before: they get their first answers.
        """
        return retried(lambda: self._decide(submission, entered_at, save=save))

    def order(self, reference: str) -> StalkingProtectionOrder:
        """Raises `Refused` (UNKNOWN_ORDER) when the register has no such reference."""
        order = self.order_by_id(order_id(reference))
        if not order.version:
            raise refused("UNKNOWN_ORDER")
        return order

    def knows(self, reference: str) -> bool:
        """Whether anything is on record under that reference; nothing of it is read."""
        identity = order_id(reference)
        return self._shelf.has(identity) or bool(self.recorder.select_events(identity, limit=1))

    def order_by_id(self, identity: UUID) -> StalkingProtectionOrder:
        """The order as it stands; one that was never opened has version 0."""
        return self.read(StalkingProtectionOrder(identity))

    @contextmanager
    def looked_at(self, identity: UUID) -> Iterator[StalkingProtectionOrder]:
        """The order as it stands, for as long as the block lasts: only the news of a busy one is read."""
        order = self._shelf.take(identity, StalkingProtectionOrder)
        self._catch_up(order)
        yield order
        if order.version:
            self._shelf.put(order)

    def subject(self, identity: UUID) -> Subject:
        return self.read(Subject(identity))

    def alert(self, identity: UUID) -> ArrestAlert:
        """The alert; one that was never raised has version 0."""
        return self.read(ArrestAlert(identity))

    def read(self, stream: _S) -> _S:
        """Bring a stream up to what is stored under its id; an empty one when there is nothing."""
        stream.fold(self.events_of(stream.id))
        return stream

    def events_of(
        self, stream: UUID, *, gt: int | None = None, lte: int | None = None
    ) -> Iterator[RecordedEvent]:
        """What is stored under that id, in order: past the version `gt`, up to the version `lte`."""
        return self.events.get(stream, gt=gt, lte=lte)  # type: ignore[return-value]  # our mapper reads no other

    def expect(self, stored: Iterable[StoredEvent], *, words: Wanted | None = None) -> None:
        """Say what is about to be read back, so that it costs one look for all of its keys."""
        self.mapper.expect(stored, words=words)  # type: ignore[attr-defined]  # ours alone is told

    def read_back(
        self, stored: Iterable[StoredEvent], *, words: Wanted | None = None
    ) -> Iterator[RecordedEvent]:
        """As each comes to be asked for. One that cannot be read raises, and names its event.

        Where `words` says which personal ones are wanted, no others are opened.
        """
        read: Callable[..., RecordedEvent] = self.mapper.to_domain_event  # type: ignore[assignment]  # as above
        return map(read if words is None else partial(read, words=words), stored)

    def keep(self, streams: Iterable[Stream], tracking: Tracking | None = None) -> None:
        """Save what is new in the streams, with a consumer's bookmark, in one transaction.

        Raises `IntegrityError`, with nothing saved, when another writer was first.
        """
        pending = [recorded for stream in streams for recorded in stream.collect_events()]
        if pending or tracking is not None:
            self.events.put(pending, tracking=tracking)

    def _decide(self, submission: Submission, entered_at: datetime, *, save: bool) -> list[Answer]:
        markers = _markers(submission)
        dossier = self._dossier(submission, markers.values())
        _check_version(submission, dossier, markers)
        answers = []
        for statement in submission.statements:
            marker = markers.get(statement.command_id)
            answer = marker.first_answer() if marker is not None else None
            if answer is None:
                answer = self._answer(submission, statement, dossier, entered_at)
                if marker is not None:
                    marker.answer(answer, _marked(statement, entered_at))
            answers.append(answer)
        if not save:
            return answers
        pending = dossier.pending()
        pending += [recorded for each in markers.values() for recorded in each.collect_events()]
        positions = self._save(pending)
        for stream in dossier.streams():
            self._shelf.put(stream)
        return [replace(answer, position=_position(answer, positions)) for answer in answers]

    def _answer(
        self, submission: Submission, statement: Statement, dossier: Dossier, entered_at: datetime
    ) -> Answer:
        identity = order_id(submission.reference)
        order = dossier.orders.get(identity)
        if order is None:
            if not submission.opens_at(statement):
                return Answer(identity, 0, refused_as="UNKNOWN_ORDER")
            order = self._open(submission, statement, dossier, entered_at)
        if of_another_force(statement, order.force):
            return Answer(identity, order.version, refused_as="ORDER_OF_ANOTHER_FORCE")
        stated = dossier.state(statement, order, entered_at=entered_at)
        event_ids = () if stated.recorded is None else (stated.recorded.event_id,)
        refusal = None if stated.refusal is None else stated.refusal.code
        return Answer(order.id, order.version, event_ids, refusal)

    def _open(
        self, submission: Submission, statement: Statement, dossier: Dossier, entered_at: datetime
    ) -> StalkingProtectionOrder:
        envelope = statement.envelope(
            law=submission.regime,
            entered_at=entered_at,
            subject_id=dossier.subject.id,
            known_at=statement.recorded_at,
        )
        return dossier.open(submission.opening(statement), envelope)

    def _dossier(self, submission: Submission, markers: Iterable[Marker]) -> Dossier:
        order = self._shelf.take(order_id(submission.reference), StalkingProtectionOrder)
        if not order.version:
            self._catch_up(order)
        subject = self._shelf.take(order.subject_id or self._person(submission), Subject)
        self._catch_up(order, subject, *markers)
        dossier = Dossier(subject, routes=self._routes)
        for identity in subject.order_ids:
            mine = identity == order.id
            known = order if mine else self._shelf.take(identity, StalkingProtectionOrder)
            dossier.orders[identity] = known
        self._catch_up(*(known for known in dossier.orders.values() if known is not order))
        return dossier

    def _person(self, submission: Submission) -> UUID:
        first = next(filter(submission.opens_at, submission.statements), None)
        if submission.person is None or first is None:
            return subject_id(f"order:{submission.reference}")
        return self.person_of(submission.person, submission.force_of(first))

    def person_of(self, reference: str, force: str) -> UUID:
        """Whom that force means by its reference of a person.

        Earlier releases took it for the same person whoever gave it: where an order of this force was
        entered so, its reference goes on meaning that person.
        """
        of_any, of_this = subject_id(reference), subject_id(reference, force)
        if of_any == of_this:
            return of_any
        orders = self.subject(of_any).order_ids
        opened = (each.event for order in orders for each in self.events_of(order, lte=1))
        known = any(isinstance(each, OrderOpened) and each.force == force for each in opened)
        return of_any if known else of_this

    def _catch_up(self, *streams: Stream) -> None:
        """Read what was written to them since they were last seen; one query for them all."""
        seen = {stream.id: stream for stream in streams}
        for news in self._stored.past({stream.id: stream.version for stream in streams}):
            seen[news[0].originator_id].fold(news)

    def _save(self, pending: Sequence[RecordedEvent]) -> dict[UUID, int]:
        """One transaction. The position of each event that may be an answer, by its id."""
        if not pending:
            return {}
        places = zip(pending, self._stored.append(pending), strict=True)
        return {e.event_id: place for e, place in places if isinstance(e.event, _ANSWERS)}


def _markers(submission: Submission) -> dict[str | None, Marker]:
    """One for each command id, however many statements bear it."""
    ids = (statement.command_id for statement in submission.statements)
    return {each: Marker(command_stream(each)) for each in ids if each is not None}


def _check_version(
    submission: Submission, dossier: Dossier, markers: Mapping[str | None, Marker]
) -> None:
    if submission.at_version is None:
        return
    keys = [statement.command_id for statement in submission.statements]
    if all(key in markers and markers[key].first_answer() is not None for key in keys):
        return
    order = dossier.orders.get(order_id(submission.reference))
    version = 0 if order is None else order.version
    if version != submission.at_version:
        raise OrderChanged(version)


def _position(answer: Answer, positions: Mapping[UUID, int]) -> int | None:
    return max((positions[event] for event in answer.event_ids if event in positions), default=None)


def _marked(statement: Statement, entered_at: datetime) -> Envelope:
    return statement.envelope(
        law="", entered_at=entered_at, subject_id=None, known_at=statement.recorded_at
    )
