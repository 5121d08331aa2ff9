"""The alert's page: what an officer needs, what was done, and every step of the desk as a form."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response

from domain.access import Action, Relation
from domain.alerts import AlertCode
from domain.desk.case_file import CaseFile
from domain.desk.events import AlertPresented
from domain.desk.record import Stage
from domain.desk.steps import STEPS
from domain.refusals import Refused
from web.access import NotYours, Person
from web.board import Change
from web.board_rows import BoardRow, forces_of, row_of
from web.consulting import consult_briefing, readable_case
from web.episodes import episode, open_about
from web.hub import Beat, Missed
from web.rendering import page
from web.requests import OwnForm, SignedIn, TheSystem
from web.sessions import Session
from web.standing import standing_of_alert
from web.step_forms import forms
from web.step_places import APlace
from web.stepping import Changed, Wrong, step_of, take
from web.streams import EventStream, OfOwnPage, SeenOnPage, event_told, news, whole
from web.system import System

router = APIRouter(include_in_schema=False)
_NOT_SAID = {"csrf", "seen"}


@router.get("/alerts/stream", dependencies=[OfOwnPage])
async def stream(
    system: TheSystem, session: SignedIn, seen: SeenOnPage, of: UUID | None = None
) -> Response:
    """Which alerts of their force or of none changed, and their version: for pages that are not read anew unasked.

    `of`: one of another force, told of while they may read it.
    """
    return EventStream(_versions(system, session, seen, of))


async def _versions(
    system: System, session: Session, seen: int, of: UUID | None
) -> AsyncGenerator[bytes]:
    async for each in news(system, session, seen):
        if isinstance(each, Beat):
            told = to_json({"now": system.now()}).decode()
            yield event_told("beat", each.position, told)
        elif isinstance(each, Missed):
            yield event_told("all", system.board.rows()[1], "{}")
        else:
            for change in each.each:
                stands = change.after or change.over
                if stands is None or _only_painted(change):
                    continue
                if _concerns(session.person, change) or (
                    change.alert == of
                    and await run_in_threadpool(_readable, system, session.person, of)
                ):
                    told = to_json({"id": change.alert, "version": stands.version}).decode()
                    yield event_told("changed", change.position, told)


def _only_painted(change: Change) -> bool:
    """That it stands on a screen is nothing anybody did on it."""
    return all(_differ_by_painting(each, change.after) for each in change.earlier)


def _differ_by_painting(before: BoardRow | None, after: BoardRow | None) -> bool:
    if before is None or after is None or after.stage is not Stage.PRESENTED:
        return False
    now = replace(before, version=after.version, position=after.position)
    return after == replace(now, presented=True, stage=Stage.PRESENTED)


def _concerns(person: Person, change: Change) -> bool:
    rows = [row for row in (*change.earlier, change.after, change.over) if row is not None]
    return any(person.of_force(*forces_of(row)) or row.is_for(person.force) for row in rows)


def _readable(system: System, person: Person, alert: UUID) -> bool:
    try:
        readable_case(system, person, alert)
    except (NotYours, Refused):
        return False
    return True


@router.get("/alerts/{alert}")
def alert_page(
    alert: UUID, system: TheSystem, session: SignedIn, done: str | None = None
) -> Response:
    return _page(system, session, alert, {"done": done if done in STEPS else None})


@router.get("/alerts/{alert}/version")
def version(alert: UUID, system: TheSystem, session: SignedIn) -> Response:
    """The version of the last that was done on it, for a page that missed what happened; nothing personal."""
    readable_case(system, session.person, alert)
    events = system.register.events_of(alert)
    done = (each for each in events if not isinstance(each.event, AlertPresented))
    return JSONResponse({"version": max(each.originator_version for each in done)})


@router.get("/alerts/{alert}/briefing.pdf")
def paper(alert: UUID, system: TheSystem, session: SignedIn) -> Response:
    """The briefing on paper, for the officer. That it is read is on record first."""
    now, person = system.now(), session.person
    case = readable_case(system, person, alert)
    found = consult_briefing(system, person, case, person.usual_purpose, now)
    named = {"Content-Disposition": f'attachment; filename="briefing-{alert.hex[:8]}.pdf"'}
    pdf = system.records.paper(found, now)
    return Response(pdf, media_type="application/pdf", headers=named)


@router.post("/alerts/{alert}/{step}")
def step_taken(
    alert: UUID, step: str, system: TheSystem, session: SignedIn, form: OwnForm, _place: APlace
) -> Response:
    """Done, and back to the page; or the page again with what is wrong and everything typed."""
    if step not in STEPS:
        return _page(system, session, alert, {}, status=404)
    readable_case(system, session.person, alert, Action.WORK_ALERT)
    given = {name: str(value) for name, value in form.items()}
    said = {name: value for name, value in given.items() if name not in _NOT_SAID}
    kept: dict[str, Any] = {"step": step, "given": said}
    try:
        taken = step_of(step, said)
        take(system, session.person, alert, taken, _version(given.get("seen", "")))
    except Wrong as wrong:
        return _page(system, session, alert, kept | {"errors": wrong.errors}, status=422)
    except Changed:
        seen = _version(given.get("seen", ""))
        return _page(system, session, alert, kept | {"since": seen}, status=409)
    except Refused as refused:
        return _page(system, session, alert, kept | {"refused": refused.refusal}, status=409)
    return RedirectResponse(f"/alerts/{alert}?done={step}", status_code=303)


def _version(given: str) -> int:
    return whole(given) or 0


def _page(
    system: System,
    session: Session,
    alert: UUID,
    told: Mapping[str, Any],
    *,
    status: int = 200,
) -> Response:
    """The page. `told`: what came of a step, with what was typed. That it is read is on record first."""
    now, (__, position) = system.now(), system.board.rows()
    case = readable_case(system, session.person, alert)
    if case.raised is not None and case.raised.code is AlertCode.GLASS_BROKEN:
        return RedirectResponse("/access/reviews", status_code=303)
    person = session.person
    found = consult_briefing(system, person, case, person.usual_purpose, now)
    history = system.records.history(alert)
    since = told.get("since")
    shown: dict[str, Any] = {
        "session": session,
        "demo": system.demo,
        "case": case,
        "row": row_of(case, 0, now),
        "told": system.records.briefing(found, now),
        "history": list(reversed(history)),
        "news": [each for each in history if since is not None and each["version"] > since],
        "forms": list(forms(case, person, now)),
        "position": position,
        "now": now,
        "far": standing_of_alert(system, person, case, now).relation is Relation.GRANTED,
        **_of_the_person(system, person, found, now),
        "owner": case.ownership.owner_at(now),
        "mine": case.has(person.staff, now),
    }
    return page("alert.html", status=status, **shown, came=told)


def _of_the_person(
    system: System, person: Person, found: CaseFile, now: datetime
) -> dict[str, Any]:
    """The other open alerts about the same person: their breaches as one episode, and the rest."""
    about = open_about(system, person, found.alert.subject_id, found.person_orders, now)
    others = [each for each in about if each.row.id != found.alert.id]
    acts = episode(system, about) if any(each.row.episode for each in others) else []
    return {"acts": acts, "others": [each for each in others if each.row.episode is None]}
