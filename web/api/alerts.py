"""The JSON API of the desk: alerts as they were raised, each step as a command, thin unless a purpose is given."""

from collections.abc import AsyncGenerator
from datetime import datetime
from functools import lru_cache
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.alerts import AlertCode
from domain.desk.case import AlertCase
from domain.desk.record import Stage
from web.access import Person
from web.board import Change
from web.board_rows import BoardRow, forces_of
from web.consulting import consult_briefing, readable_case
from web.hub import Beat, Missed
from web.preconditions import etag
from web.problems import PROBLEMS, purpose_needed
from web.requests import HoldingToken, StatedPurpose, TheSystem
from web.sessions import Session
from web.streams import EventStream, Seen, event_told, news
from web.system import System

router = APIRouter(prefix="/api/v1", tags=["alerts"], responses=PROBLEMS)
_MOST = 500


class AlertRaisedOnce(BaseModel):
    """An alert as it was raised. It names an order and nobody."""

    id: UUID
    cause: UUID
    order: str
    force: str
    kind: AlertCode
    priority: int
    due_at: datetime
    raised_at: datetime
    late: float
    withdrawn: bool


class AlertPage(BaseModel):
    """`next` is the cursor to go on from; it is the same when nothing is new."""

    alerts: list[AlertRaisedOnce]
    next: int


class AlertNow(BaseModel):
    """Where an alert stands on the desk. Its ETag is the version, for `If-Match`."""

    id: UUID
    version: int
    kind: AlertCode
    order: str
    force: str
    priority: int
    stage: Stage
    open: bool
    owner: str | None
    lease_until: datetime | None
    next_change: datetime | None
    protected_person_told_at: datetime | None
    withdrawn: bool


@router.get("/alerts")
def alerts(
    system: TheSystem,
    session: HoldingToken,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
) -> AlertPage:
    """Alerts past the cursor, in the order they were raised: none is missing and none comes twice.

    Those of your own force and of none, unless you may see every force.
    """
    found = system.records.raised_after(after, limit)
    person = session.person
    told = [
        AlertRaisedOnce.model_validate({name: row[name] for name in AlertRaisedOnce.model_fields})
        for _, row in found
        if person.everywhere or row["force"] in {person.force, ""}
    ]
    return AlertPage(alerts=told, next=found[-1][0] if found else after)


@router.get("/alerts/stream", response_class=EventStream, status_code=200)
async def stream(system: TheSystem, session: HoldingToken, seen: Seen) -> Response:
    """Every open alert of your own force or of none that changes, as it is then (`alert`), and a beat each second (`beat`).

    Of every force, if you may see every force. One that is closed, or is your force's no more, is told as
    its `id` and `"open": false`, and nothing else. What changed at the very position you come back with is told
    again. `resync`: more was missed than is kept; read `/alerts` from your cursor, then go on. The stream ends
    with your session, or when your token runs out.
    """
    return EventStream(_told(system, session, seen))


async def _told(system: System, session: Session, seen: int) -> AsyncGenerator[bytes]:
    async for each in news(system, session, seen):
        if isinstance(each, Beat):
            seen = each.position
            yield event_told("beat", seen, "")
        elif isinstance(each, Missed):
            _, seen = await run_in_threadpool(system.board.rows)
            yield event_told("resync", seen, "")
        else:
            told = [data for one in each.each if (data := _data(session.person, one)) is not None]
            for data in told:
                # Who is cut off among what is told together is told all of it again.
                at = each.position if data is told[-1] else seen
                yield event_told("alert", at, data)
            seen = each.position


def _data(person: Person, change: Change) -> str | None:
    """What that person is told of it; None when it is none of their force's business."""
    if change.after is not None and _concerns(person, change.after):
        return _written(change.after)
    before = any(each is not None and _concerns(person, each) for each in change.earlier)
    return to_json({"id": change.alert, "open": False}).decode() if before else None


def _concerns(person: Person, row: BoardRow) -> bool:
    return person.everywhere or person.of_force(*forces_of(row)) or row.is_for(person.force)


@router.get("/alerts/{alert}", response_model=AlertNow)
def alert_now(alert: UUID, system: TheSystem, session: HoldingToken) -> Response:
    """Where it stands. Nothing here is about a person."""
    return stands(readable_case(system, session.person, alert))


@router.get("/alerts/{alert}/briefing")
def briefing(
    alert: UUID,
    system: TheSystem,
    session: HoldingToken,
    x_purpose: StatedPurpose = None,
) -> Response:
    """Everything an officer needs: personal data, so it is put on record who read it and why."""
    if x_purpose is None:
        return purpose_needed()
    now = system.now()
    case = readable_case(system, session.person, alert)
    found = consult_briefing(system, session.person, case, x_purpose, now)
    return JSONResponse(system.records.briefing(found, now))


def stands(case: AlertCase) -> Response:
    """The alert as an answer, with its ETag."""
    raised = case.raised
    assert raised is not None  # noqa: S101 - `AlertDesk.case` refuses where there is none
    told = AlertNow(
        id=case.id,
        version=case.version,
        kind=raised.code,
        order=raised.reference,
        force=case.force,
        priority=case.priority,
        stage=case.stage,
        open=case.open,
        owner=case.ownership.staff,
        lease_until=case.ownership.lease_until,
        next_change=case.next_change,
        protected_person_told_at=case.telling.told_at,
        withdrawn=case.withdrawn is not None,
    )
    return JSONResponse(told.model_dump(mode="json"), headers={"ETag": etag(case.version)})


@lru_cache(maxsize=4096)
def _written(row: BoardRow) -> str:
    """The alert on the stream; written once for all who listen."""
    told = AlertNow(
        id=row.id,
        version=row.version,
        kind=row.raised.code,
        order=row.raised.reference,
        force=row.force,
        priority=row.priority,
        stage=row.stage,
        open=True,
        owner=row.owner,
        lease_until=row.lease_until,
        next_change=row.next_change,
        protected_person_told_at=row.told_at,
        withdrawn=row.withdrawn,
    )
    return told.model_dump_json()
