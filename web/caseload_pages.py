"""The caseload: who owes what, as a page and as a file; orders by reference, nobody by name."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.responses import Response

from domain.calendar import ONE_DAY, legal_day
from projections.case_queues import Case
from web.caseload import QUEUES, CaseloadAsked, found, listed, view_of
from web.csv_files import csv_answer, csv_text
from web.lists import Listed, consult_list, disclose_list
from web.rendering import page
from web.requests import OwnForm, SignedIn, TheSystem

router = APIRouter(include_in_schema=False)
_HEAD = (
    "order", "force", "officer", "in_force", "last_day", "queues", "too_late_from_utc",
    "days_late", "breaches", "last_breach_utc", "home_notified_utc", "home_seen_utc", "review_on",
)  # fmt: skip


@router.get("/caseload")
def caseload(
    system: TheSystem, session: SignedIn, asked: Annotated[CaseloadAsked, Depends()]
) -> Response:
    now, view = system.now(), view_of(session.person, asked)
    cases = found(system, view, now)
    shown = Listed("caseload", urlencode(view.asked), cases.total, system.sheets.caseload)
    consult_list(system, session.person, shown, now)
    return page(
        "caseload.html",
        session=session,
        demo=system.demo,
        view=view,
        found=cases,
        queues=QUEUES,
        now=now,
    )


@router.post("/caseload/file")
def as_a_file(system: TheSystem, session: SignedIn, form: OwnForm) -> Response:
    """The whole list as CSV. That it left, and to whom, is on record before it does."""
    now = system.now()
    given = {name: str(value) for name, value in form.items() if name in CaseloadAsked.__slots__}
    view = view_of(session.person, CaseloadAsked(**given))
    every = listed(system, view, now)
    text = csv_text(_HEAD, (tuple(_row(case, now)) for case in every))
    left = Listed("caseload", urlencode(view.asked), len(every), system.sheets.caseload)
    disclose_list(system, session.person, left, text, now)
    return csv_answer(text, f"caseload-{legal_day(now).isoformat()}")


def _row(case: Case, now: datetime) -> Iterator[object]:
    row = case.row
    yield from (row.reference, row.force, row.officer, row.in_force)
    yield None if row.last_day is None else row.last_day.isoformat()
    yield " ".join(case.queues)
    yield _utc(row.next_deadline)
    yield case.late_by // ONE_DAY if case.late_by else None
    yield row.breaches
    yield from map(_utc, (row.last_breach_at, row.home_notified_at, row.home_seen_at))
    yield None if row.review_on is None else row.review_on.isoformat()


def _utc(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(timespec="seconds")
