"""An alert raised late says in whose hands it lay."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from consumers.arrest_desk import late_because
from domain.alerts import LateBecause
from domain.events import Envelope, RecordedEvent
from domain.findings import Concern, ConcernRaised
from tests.stories import store_at, tell, unnotified_order, work_until_idle

DUE = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
SOON, LATER = DUE + timedelta(seconds=1), DUE + timedelta(minutes=1)
CAUSE = UUID(int=7)


@pytest.mark.parametrize(
    ("recorded_at", "entered_at", "raised_at", "cause", "because"),
    [
        (DUE, DUE, SOON, None, None),
        (LATER, LATER, LATER, CAUSE, LateBecause.RECORDED_LATE),
        (DUE, LATER, LATER, CAUSE, LateBecause.ENTERED_LATE),
        (DUE, LATER, LATER, None, LateBecause.SWEPT_LATE),
        (DUE, SOON, LATER, None, LateBecause.DESK_LATE),
    ],
)
def test_the_first_hand_that_held_it_is_named(
    recorded_at: datetime,
    entered_at: datetime,
    raised_at: datetime,
    cause: UUID | None,
    because: LateBecause | None,
) -> None:
    concern = ConcernRaised(key="x", due_at=DUE, concern=Concern.ORDER_EXPIRED)
    envelope = Envelope(
        occurred_at=DUE, recorded_at=recorded_at, entered_at=entered_at, causation_id=cause
    )
    recorded = RecordedEvent(UUID(int=1), 3, envelope, concern)
    assert late_because(recorded, raised_at) is because


def test_a_miss_swept_after_a_night_without_a_sweep_says_so(tmp_path: Path) -> None:
    served_last_year = json.loads(json.dumps(unnotified_order()).replace("2026-", "2025-"))
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_last_year, now=datetime(2025, 11, 20, 16, tzinfo=UTC))
        said = work_until_idle(store, "sweep", "alert", "deliver")
    (missed,) = [message for message in said if message["code"] == "MISSED_INITIAL"]
    assert missed["late_because"] == LateBecause.SWEPT_LATE
    assert missed["late_by_seconds"] > timedelta(days=300).total_seconds()
