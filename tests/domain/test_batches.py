"""Many orders at once: saved together, and one that fails or is beaten to it stops no other."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from domain.batches import agendas, halved, tell_time
from domain.deadlines import Agenda, Due
from domain.dossier import order_id
from tests.stories import served_order, store_at, tell, unnotified_order

SERVED = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
DEADLINE = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
NUMBERS = [UUID(int=number) for number in range(8)]


def test_orders_told_for_nothing_record_nothing(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), now=DEADLINE)
        head = store.log.max_notification_id()
        told = tell_time(store.register, [Due(order_id("KENT-1"), DEADLINE, 0)], DEADLINE)
        assert store.log.max_notification_id() == head
    (agenda,) = told.values()
    assert agenda.deadlines


def test_what_is_no_order_has_nothing_pending(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        subject = store.register.order("KENT-1").subject_id
        assert subject is not None
        (agenda,) = agendas(store.register, [subject], SERVED).values()
        assert store.register.subject(subject).order_ids == [order_id("KENT-1")]
    assert agenda.deadlines == []


def test_one_that_fails_is_found_and_every_other_is_done() -> None:
    given_up: list[UUID] = []

    def attempt(some: Sequence[UUID]) -> dict[UUID, Agenda]:
        if NUMBERS[5] in some:
            msg = "cannot be judged"
            raise ValueError(msg)
        return {each: Agenda(1, 1, []) for each in some}

    done = halved(NUMBERS, attempt, lambda order, _: given_up.append(order))
    assert given_up == [NUMBERS[5]]
    assert set(done) == set(NUMBERS) - {NUMBERS[5]}


def test_one_that_another_writer_got_to_is_left_to_what_was_written() -> None:
    def attempt(some: Sequence[UUID]) -> dict[UUID, Agenda]:
        if NUMBERS[0] in some:
            raise IntegrityError
        return {each: Agenda(1, 1, []) for each in some}

    given_up: list[UUID] = []
    done = halved(NUMBERS, attempt, lambda order, _: given_up.append(order))
    assert not given_up
    assert NUMBERS[0] not in done
