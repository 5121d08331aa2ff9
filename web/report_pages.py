"""Reports: the audit pack, statistics beside the published figures, and whether the system keeps up."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from domain.access import Action
from domain.access_table import may_ever
from domain.calendar import legal_day
from projections.disclosure import publishable, publishable_total
from projections.statistics import Measure, figures
from web.audit_pack import SECTIONS, audit_pack
from web.csv_files import csv_answer, csv_text
from web.lists import Listed, consult_list, disclose_list, purpose_of
from web.periods import DaysAsked, period
from web.rendering import page
from web.requests import OwnForm, SignedIn, TheSystem

router = APIRouter(include_in_schema=False)
_SHOWN = 50
"""Findings of one section on the page; the file has all of them."""


@router.get("/reports")
def reports(system: TheSystem, session: SignedIn) -> Response:
    role = session.person.role
    return page(
        "reports.html",
        session=session,
        demo=system.demo,
        audits=may_ever(role, Action.LIST_CASES),
        operates=may_ever(role, Action.READ_PIPELINE),
    )


@router.get("/reports/audit")
def audit(system: TheSystem, session: SignedIn) -> Response:
    now, person = system.now(), session.person
    purpose_of(person, Action.LIST_CASES)
    behind = system.sheets.behind(system.sheets.caseload)
    found = audit_pack(system, person, now)
    consult_list(system, person, Listed("audit", "", len(found), system.sheets.caseload), now)
    return page(
        "audit.html",
        session=session,
        demo=system.demo,
        sections={name: [f for f in found if f.section == name] for name in SECTIONS},
        shown=_SHOWN,
        exports=may_ever(person.role, Action.EXPORT),
        behind=behind,
        now=now,
    )


@router.post("/reports/audit/file")
def audit_file(system: TheSystem, session: SignedIn, _: OwnForm) -> Response:
    """The whole pack as CSV. That it left is on record before it does."""
    now, person = system.now(), session.person
    purpose_of(person, Action.EXPORT)
    found = audit_pack(system, person, now)
    rows = (
        (f.section, f.reference, f.officer, None if f.waits is None else f.waits.days)
        for f in found
    )
    text = csv_text(("section", "order", "officer", "days_waiting"), rows)
    left = Listed("audit", "", len(found), system.sheets.caseload)
    disclose_list(system, person, left, text, now)
    return csv_answer(text, f"audit-{legal_day(now).isoformat()}")


@router.get("/reports/statistics")
def statistics(
    system: TheSystem, session: SignedIn, asked: Annotated[DaysAsked, Depends()], form: str = ""
) -> Response:
    """Rounded, and 1 to 4 withheld, so that nobody can be told from it; `form=csv` is the same as a file."""
    today = legal_day(system.now())
    when = period(asked, today.replace(month=1, day=1), today)
    behind = system.sheets.behind(system.sheets.statistics)
    found = figures(system.sheets.statistics, when.first, when.last)
    by_force, total = publishable(found), publishable_total(found)
    if form == "csv" and not when.errors:
        counts = [*by_force.items(), ("All forces", total)]
        rows = ([name, *("c" if of[m] is None else of[m] for m in Measure)] for name, of in counts)
        text = csv_text(("force", *Measure), rows)
        return csv_answer(text, f"statistics-{when.first}-{when.last}")
    return page(
        "statistics.html",
        status=422 if when.errors else 200,
        session=session,
        demo=system.demo,
        asked=asked,
        when=when,
        measures=list(Measure),
        by_force=by_force,
        total=total,
        found=found,
        published=system.records.published(),
        behind=behind,
    )


@router.get("/reports/health")
def health(system: TheSystem, session: SignedIn) -> Response:
    """How far every stage is behind the log; of nobody."""
    return page("pipeline.html", session=session, demo=system.demo, told=system.records.pipeline())
