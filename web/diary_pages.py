"""The court diary of a force: hearings, orders about to end, gaps, and orders nobody has served yet."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from domain.access import Action
from domain.calendar import ONE_DAY, legal_day
from projections.case_queues import Queue, cases
from projections.court_diary import diary
from web.lists import Listed, consult_list, purpose_of
from web.periods import DaysAsked, period
from web.rendering import page
from web.requests import SignedIn, TheSystem

router = APIRouter(include_in_schema=False)
_AHEAD = 28
"""Days shown unasked."""


@router.get("/diary")
def court_diary(
    system: TheSystem, session: SignedIn, asked: Annotated[DaysAsked, Depends()]
) -> Response:
    now, person, sheets = system.now(), session.person, system.sheets
    purpose_of(person, Action.LIST_CASES)
    today = legal_day(now)
    when = period(asked, today, today + _AHEAD * ONE_DAY)
    behind = sheets.behind(sheets.court_diary)
    entries = diary(sheets.court_diary, when.first, when.last, force=person.force)
    only = {"force": person.force}
    unserved = cases(sheets.caseload, system.register, now, (), only=only, queue=Queue.UNSERVED)
    rows = len(entries) + len(unserved)
    consult_list(system, person, Listed("diary", when.asked, rows, sheets.court_diary), now)
    return page(
        "diary.html",
        status=422 if when.errors else 200,
        session=session,
        demo=system.demo,
        asked=asked,
        when=when,
        entries=entries,
        unserved=unserved,
        behind=behind,
        today=today,
    )
