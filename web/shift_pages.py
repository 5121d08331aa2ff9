"""The change of shifts: what is mine, handing it over, taking it alert by alert, signing, going off duty."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from domain.access import Action
from domain.desk.case import AlertCase
from domain.refusals import Refusal, Refused
from web.access import NotYours
from web.consulting import readable_case
from web.rendering import page
from web.requests import OwnForm, SignedIn, TheSystem
from web.sessions import Session
from web.system import System

router = APIRouter(include_in_schema=False)
_LONGEST_NOTE = 200


@router.get("/shift")
def shift(system: TheSystem, session: SignedIn) -> Response:
    return _shift(system, session)


@router.post("/shift/prepare")
def prepare(system: TheSystem, session: SignedIn, form: OwnForm) -> Response:
    """What is theirs is read out; it stays theirs until somebody takes it by name."""
    hand, note = session.person.hand, str(form.get("note", "")).strip()
    if len(note) > _LONGEST_NOTE:
        return _shift(system, session, note=note)
    prepared = system.shifts.prepare(hand, _theirs(system, session), system.now(), note)
    return RedirectResponse(f"/shift/{prepared.id}", status_code=303)


@router.post("/shift/sign-off")
def sign_off(system: TheSystem, session: SignedIn, _: OwnForm) -> Response:
    """Off duty, and signed out; or the page again, with why not."""
    try:
        system.shifts.sign_off(session.person.hand, _theirs(system, session), system.now())
    except Refused as refused:
        return _shift(system, session, refused.refusal)
    system.sessions.end(session.token)
    return RedirectResponse("/sign-in", status_code=303)


@router.get("/shift/{handover}")
def handover_page(handover: UUID, system: TheSystem, session: SignedIn) -> Response:
    return _handover(system, session, handover)


@router.post("/shift/{handover}/accept/{alert}")
def accept(
    handover: UUID, alert: UUID, system: TheSystem, session: SignedIn, _: OwnForm
) -> Response:
    """One alert is theirs from now on. Raises `NotYours` where they may not work on it."""
    hand, now = session.person.hand, system.now()

    def taken() -> None:
        readable_case(system, session.person, alert, Action.WORK_ALERT)
        system.shifts.accept(handover, alert, hand, now)

    return _done(system, session, handover, taken)


@router.post("/shift/{handover}/sign")
def sign(handover: UUID, system: TheSystem, session: SignedIn, _: OwnForm) -> Response:
    """Nothing is left with the shift that goes."""
    hand, now = session.person.hand, system.now()
    return _done(system, session, handover, partial(system.shifts.sign, handover, hand, now))


def _done(system: System, session: Session, handover: UUID, act: Callable[[], object]) -> Response:
    try:
        act()
    except Refused as refused:
        return _handover(system, session, handover, refused.refusal)
    return RedirectResponse(f"/shift/{handover}", status_code=303)


def _theirs(system: System, session: Session) -> list[AlertCase]:
    """The open alerts this person has, as they stand now."""
    person = session.person
    rows = [row for row in system.board.rows()[0] if row.owner == person.staff]
    cases = [system.desk.case(row.id) for row in rows if row.force == person.force]
    return [case for case in cases if case.open and case.ownership.staff == person.staff]


def _shift(
    system: System, session: Session, refusal: Refusal | None = None, note: str = ""
) -> Response:
    """A `note` that is given back is too long."""
    shown: dict[str, Any] = {
        "session": session,
        "demo": system.demo,
        "refusal": refusal,
        "note": note,
        "theirs": _theirs(system, session),
        "handovers": system.handovers.of(session.person.force),
    }
    status = 422 if note else 200
    return page("shift.html", status=status if refusal is None else 409, **shown)


def _handover(
    system: System, session: Session, identity: UUID, refusal: Refusal | None = None
) -> Response:
    found = system.shifts.handover(identity)
    if found.force != session.person.force:
        raise NotYours
    now = system.now()
    cases = [system.desk.case(each) for each in found.alerts]
    shown: dict[str, Any] = {
        "session": session,
        "demo": system.demo,
        "refusal": refusal,
        "handover": found,
        "cases": cases,
        "left": {case.id for case in cases if case.has(found.left_by, now)},
    }
    return page("handover.html", status=200 if refusal is None else 409, **shown)
