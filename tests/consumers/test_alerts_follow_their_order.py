"""An order turns out to be against somebody else than a report had it, or another force's: so are its alerts."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from consumers.arrest_desk import apply_to
from domain.alerts import AlertRaised, ArrestAlert
from domain.desk.case import AlertCase
from domain.desk.events import AlertFollowedOrder
from domain.dossier import subject_id
from spowatch.open_store import Store
from tests.stories import NOW, breach, served_order, store_at, tell, work_until_idle

DEFENDANT = subject_id("defendant", "Kent")
EARLIER = breach("2026-11-30T21:00:00+00:00", t="2026-11-30T22:00:00+00:00")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as store:
        yield store


def reported(store: Store, *, alerted: bool = True) -> None:
    """Somebody else's own alert is open when another force reports them under this reference."""
    tell(store, "KENT-1", *served_order(), EARLIER, force="Kent", person="defendant")
    tell(store, "ESSEX-1", *served_order(), EARLIER, force="Essex", person="reported")
    work_until_idle(store, "alert", "episodes")
    tell(store, "KENT-2", breach(), force="Essex", person="reported")
    if alerted:
        work_until_idle(store, "alert", "episodes")


def told_by_the_court(store: Store) -> None:
    tell(store, "KENT-2", *served_order(), force="Kent", person="defendant")


def alerts(store: Store, reference: str) -> list[AlertCase]:
    raised = store.log.select_notifications(1, 1000, topics=[AlertRaised.TOPIC])
    found = [store.register.read(AlertCase(each.originator_id)) for each in raised]  # type: ignore[arg-type]  # never text here
    return [each for each in found if each.reference == reference]


def test_every_alert_of_the_order_goes_over_once_to_the_defendant_and_their_force(
    store: Store,
) -> None:
    reported(store)
    before = {each.id for each in alerts(store, "KENT-2")}
    told_by_the_court(store)
    work_until_idle(store, "alert", "episodes")
    found = alerts(store, "KENT-2")
    assert before < {each.id for each in found}
    assert {(each.subject_id, each.home) for each in found} == {(DEFENDANT, "Kent")}
    assert len(store.log.select_notifications(1, 1000, topics=[AlertFollowedOrder.TOPIC])) == 1
    versions = {each.id: each.version for each in found}
    work_until_idle(store, "alert", "episodes")
    assert {each.id: each.version for each in alerts(store, "KENT-2")} == versions


def test_the_breach_sounds_the_defendants_earlier_alert_and_no_longer_the_reported_ones(
    store: Store,
) -> None:
    reported(store)
    told_by_the_court(store)
    work_until_idle(store, "alert", "episodes")
    (theirs,), (not_theirs,) = alerts(store, "KENT-1"), alerts(store, "ESSEX-1")
    assert theirs.resounded
    assert theirs.resounded <= {each.id for each in alerts(store, "KENT-2")}
    assert not_theirs.resounded == set()


def test_an_alert_raised_after_the_order_was_identified_is_the_defendants(store: Store) -> None:
    reported(store, alerted=False)
    told_by_the_court(store)
    work_until_idle(store, "alert")
    assert {(e.subject_id, e.home) for e in alerts(store, "KENT-2")} == {(DEFENDANT, "Kent")}


def test_one_that_was_on_its_way_when_the_order_was_identified_follows(store: Store) -> None:
    reported(store, alerted=False)
    before = store.register.order("KENT-2")
    told_by_the_court(store)
    work_until_idle(store, "episodes")
    late: dict[UUID, ArrestAlert] = {}
    for found in before.standing.values():
        apply_to(late, found, before, NOW)
    store.register.keep(late.values())
    assert {e.home for e in alerts(store, "KENT-2")} == {"Essex"}
    work_until_idle(store, "episodes")
    assert {(e.subject_id, e.home) for e in alerts(store, "KENT-2")} == {(DEFENDANT, "Kent")}


def test_who_has_the_alert_still_has_it(store: Store) -> None:
    reported(store)
    told_by_the_court(store)
    work_until_idle(store, "alert", "episodes")
    first, *_ = alerts(store, "KENT-2")
    assert (first.force, first.home) == ("Essex", "Kent")
