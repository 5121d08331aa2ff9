from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.case_access import (
    CaseAccess,
    GlassBroken,
    GlassReviewed,
    GlassReviewOverdue,
    OfficerLinked,
    ReasonTooShort,
    case_access_stream,
)
from domain.deadlines import DeadlineKind
from domain.events import Envelope

PERSON = UUID("00000000-0000-5000-8000-000000000009")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WHY = "A woman is in danger and the order is Kent's"


def by(now: datetime, staff: str = "77") -> Envelope:
    return Envelope(
        occurred_at=now, recorded_at=now, entered_at=now, subject_id=PERSON, actor=staff, force="Sussex"
    )  # fmt: skip


def broken(now: datetime = NOON, staff: str = "77") -> GlassBroken:
    return GlassBroken(
        staff=staff, force="Sussex", reference="KENT-1", owner="Kent", reason=WHY,
        open_until=now + HOUR, review_by=now + 24 * HOUR,
    )  # fmt: skip


@pytest.fixture
def access() -> CaseAccess:
    return CaseAccess(case_access_stream(PERSON))


def test_broken_glass_is_open_for_an_hour_and_to_who_broke_it(access: CaseAccess) -> None:
    access.break_glass(broken(), by(NOON))
    assert access.opened_to("77", "Sussex", NOON + HOUR - timedelta(seconds=1)) is not None
    assert access.opened_to("77", "Sussex", NOON + HOUR) is None
    assert access.opened_to("78", "Sussex", NOON) is None


def test_breaking_it_twice_within_the_hour_is_one_breaking(access: CaseAccess) -> None:
    assert access.break_glass(broken(), by(NOON)) == access.break_glass(
        broken(), by(NOON + HOUR / 2)
    )
    assert access.break_glass(broken(NOON + HOUR), by(NOON + HOUR)) == 2


def test_a_reason_says_something(access: CaseAccess) -> None:
    short = broken().model_copy(update={"reason": "urgent" + " " * 20})
    with pytest.raises(ReasonTooShort):
        access.break_glass(short, by(NOON))
    assert not access.unsaved


def test_its_review_is_a_deadline_until_somebody_has_judged_it(access: CaseAccess) -> None:
    version = access.break_glass(broken(), by(NOON))
    (deadline,) = access.agenda().deadlines
    assert (deadline.kind, deadline.due_at) == (DeadlineKind.GLASS_REVIEW, NOON + 24 * HOUR)
    assert access.review(GlassReviewed(glass=version, justified=True), by(NOON + HOUR, "500"))
    assert not access.agenda().deadlines
    assert not access.review(GlassReviewed(glass=version, justified=False), by(NOON + HOUR, "501"))


def test_a_review_nobody_made_in_a_day_is_overdue_once(access: CaseAccess) -> None:
    access.break_glass(broken(), by(NOON))
    access.advance(NOON + 24 * HOUR - timedelta(seconds=1))
    assert len(access.unsaved) == 1
    for _ in range(2):
        access.advance(NOON + 24 * HOUR)
    assert [type(each.event) for each in access.unsaved] == [GlassBroken, GlassReviewOverdue]
    assert not access.agenda().deadlines
    assert access.review(GlassReviewed(glass=1, justified=True), by(NOON + 30 * HOUR, "500"))


def test_an_officer_in_the_case_is_linked_until_unlinked(access: CaseAccess) -> None:
    linked = OfficerLinked(staff="4812", as_="protected", force="Kent")
    access.link(linked, by(NOON))
    access.link(linked, by(NOON))
    assert (len(access.unsaved), access.closed_to("4812", "Kent")) == (1, True)
    access.unlink("4812", "Kent", by(NOON))
    access.unlink("4812", "Kent", by(NOON))
    assert (len(access.unsaved), access.closed_to("4812", "Kent")) == (2, False)


def test_a_number_is_somebody_of_one_force(access: CaseAccess) -> None:
    access.break_glass(broken(), by(NOON))
    access.link(OfficerLinked(staff="4812", as_="protected", force="Kent"), by(NOON))
    assert access.opened_to("77", "Essex", NOON) is None
    assert not access.closed_to("4812", "Essex")
    access.unlink("4812", "Essex", by(NOON))
    assert access.closed_to("4812", "Kent")


def test_a_case_closed_before_forces_were_told_apart_stays_closed(access: CaseAccess) -> None:
    access.link(OfficerLinked(staff="4812", as_="protected"), by(NOON))
    assert access.closed_to("4812", "Kent")
    assert access.closed_to("4812", "Essex")
    access.unlink("4812", "Kent", by(NOON))
    assert not access.closed_to("4812", "Essex")
