"""Whom a force means by its reference of a person, and so whom an order is against."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from domain.dossier import is_of_every_force, nobody_named, subject_id
from domain.events import RecordedEvent
from domain.facts import Fact
from domain.identified import of_the_court
from domain.orders import OrderOpened, StalkingProtectionOrder
from domain.subjects import Subject
from domain.submissions import Submission
from domain.vocabulary import Statement


class OnRecord(Protocol):
    """The register, as far as it is read here."""

    def subject(self, identity: UUID) -> Subject:
        """The person as they stand; one nobody told of has no orders."""
        ...

    def events_of(
        self, stream: UUID, *, gt: int | None = None, lte: int | None = None
    ) -> Iterator[RecordedEvent]:
        """What is stored under that id, in order: past the version `gt`, up to the version `lte`."""
        ...


def person_of(on_record: OnRecord, reference: str, force: str) -> UUID:
    """Whom that force means by its reference of a person.

    Earlier releases took it for the same person whoever gave it: where an order of this force was
    entered so, its reference goes on meaning that person.
    """
    of_any, of_this = subject_id(reference), subject_id(reference, force)
    if of_any == of_this:
        return of_any
    orders = on_record.subject(of_any).order_ids
    opened = (each.event for order in orders for each in on_record.events_of(order, lte=1))
    known = any(isinstance(each, OrderOpened) and each.force == force for each in opened)
    return of_any if known else of_this


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom an order is against, and the force whose it is."""

    person: UUID
    force: str


def whose(
    on_record: OnRecord,
    submission: Submission,
    order: StalkingProtectionOrder,
    statements: Sequence[Statement],
) -> Whose:
    """By the first fact of the court on an order; before that, as whoever reported a breach has it.

    `statements` are those of the submission that were not answered before.
    """
    if not order.version:
        return _of_a_new_one(on_record, submission)
    told = _told_by_the_court(statements, order.regime.name)
    on_it = Whose(order.subject_id or nobody_named(order.reference), order.force)
    if told is None or _is_settled(order):
        return on_it
    force = submission.force_of(told) or on_it.force
    if submission.person is None:
        return Whose(on_it.person, force)
    return Whose(person_of(on_record, submission.person, force), force)


def _of_a_new_one(on_record: OnRecord, submission: Submission) -> Whose:
    first = next(filter(submission.opens_at, submission.statements), None)
    nobody = nobody_named(submission.reference)
    if submission.person is None or first is None:
        return Whose(nobody, "")
    force = submission.force_of(first)
    # Of no force a reference could be anybody's, and two reports would make two people one.
    reported = _told_by_the_court(submission.statements, submission.regime) is None
    if reported and not force and not is_of_every_force(submission.person):
        return Whose(nobody, force)
    return Whose(person_of(on_record, submission.person, force), force)


def may_be_claimed(order: StalkingProtectionOrder, kind: type[Fact]) -> bool:
    """Whether a fact of that kind would say whose the order is, which nobody has so far."""
    of_court = of_the_court(kind, order.regime.name)
    return bool(order.version) and of_court and not _is_settled(order)


def _is_settled(order: StalkingProtectionOrder) -> bool:
    """Whether a fact of the court is on it."""
    return any(of_the_court(type(each.event), order.regime.name) for each in order.facts)


def _told_by_the_court(statements: Iterable[Statement], regime: str) -> Statement | None:
    return next((each for each in statements if of_the_court(type(each.fact), regime)), None)
