"""Who read whose record, when and why, for whoever reviews it (Data Protection Act 2018 s.62)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from domain.consultations import Purpose
from web.consulting import concerns
from web.problems import PROBLEMS
from web.requests import HoldingToken, TheSystem

router = APIRouter(prefix="/api/v1", tags=["audit"], responses=PROBLEMS)
_MOST = 500


class ConsultationMade(BaseModel):
    """One reading of one record: who, when, why, and of what. It names the order and nobody on it."""

    id: UUID
    at: datetime
    who: str
    role: str
    force: str
    terminal: str | None
    purpose: Purpose
    what: str
    order: str
    alert: UUID | None


class ConsultationPage(BaseModel):
    """`next` is the cursor to go on from; it is the same when nothing is new."""

    consultations: list[ConsultationMade]
    next: int


@router.get("/audit/consultations")
def consultations(
    system: TheSystem,
    session: HoldingToken,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
) -> ConsultationPage:
    """Consultations past the cursor, in the order of the log: none is missing and none comes twice.

    For reviewers; those by people of your own force and of your own force's orders, unless you may see
    every force.
    """
    person = session.person
    found = system.records.consulted_after(after, limit)
    told = [
        ConsultationMade.model_validate(row)
        for _, row in found
        if person.everywhere or concerns(person, row["force"], row["owner"])
    ]
    return ConsultationPage(consultations=told, next=found[-1][0] if found else after)
