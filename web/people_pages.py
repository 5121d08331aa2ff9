"""People orders are against: found by name or reference in a form, never in an address; and their record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from domain.facts.words import Defendant
from domain.orders import StalkingProtectionOrder
from projections.name_index import Known
from web.access import Person
from web.addresses import order_path
from web.episodes import open_about
from web.identity import defendant_of, home_of, names_of, whereabouts
from web.readable import found_by_search, read_person
from web.rendering import page
from web.requests import OwnForm, SignedIn, TheSystem
from web.sessions import Session
from web.system import System

router = APIRouter(include_in_schema=False)
_MOST = 20
"""Found at once; whoever sees more narrows the search."""
_LONGEST = 100
_NOTHING_ENTERED = 422


@dataclass(frozen=True, slots=True)
class Hit:
    """An order that was found, and who it is against."""

    order: StalkingProtectionOrder
    who: Defendant | None
    in_force: str | None


@router.get("/people")
def people(system: TheSystem, session: SignedIn) -> Response:
    return _page(system, session, "", None)


@router.post("/people")
def found(system: TheSystem, session: SignedIn, form: OwnForm) -> Response:
    """Those found, in the answer itself: what was typed goes into no address and no log line.

    That each record was shown is on record first.
    """
    words = str(form.get("words", "")).strip()[:_LONGEST]
    if not words:
        return _page(system, session, "", [], status=_NOTHING_ENTERED)
    person, names, now = session.person, system.sheets.names, system.now()
    by_reference = names.referred_to(words, force=person.force, limit=_MOST)
    if len(by_reference) == 1 and by_reference[0].reference.casefold() == words.casefold():
        only = by_reference[0]
        return RedirectResponse(order_path(only.reference, only.order_id), status_code=303)
    known = by_reference or names.find(words, force=person.force, limit=_MOST)
    return _page(system, session, words, _read(system, person, known, now))


def _read(system: System, person: Person, known: Sequence[Known], now: datetime) -> Sequence[Hit]:
    """Raises whatever keeps the reading off the log: then nothing is shown."""
    orders = [system.register.order_by_id(each.order_id) for each in known]
    return [
        Hit(
            order,
            defendant_of([order]),
            order.position(max(now, order.known_until or now)).in_force,
        )
        for order in found_by_search(system, person, orders, now)
    ]


def _page(
    system: System,
    session: Session,
    words: str,
    hits: Sequence[Hit] | None,
    *,
    status: int = 200,
) -> Response:
    names = system.sheets.names
    return page(
        "people.html",
        status=status,
        session=session,
        demo=system.demo,
        words_given=words,
        hits=hits,
        most=_MOST,
        missing=status == _NOTHING_ENTERED,
        unread=names.position < system.board.position,
        known=len(names),
    )


@router.get("/people/{subject}")
def person_page(subject: UUID, system: TheSystem, session: SignedIn) -> Response:
    """Every order of the person and one timeline over all of them: the pattern, not one breach."""
    now = system.now()
    found = read_person(system, session.person, subject, now)
    positions = {o.id: o.position(max(now, o.known_until or now)) for o in found.orders}
    latest = max(positions.values(), key=lambda position: len(position.history.notifications))
    return page(
        "person.html",
        session=session,
        demo=system.demo,
        who=defendant_of(found.orders),
        names=names_of(found.orders),
        orders=found.orders,
        positions=positions,
        home=home_of(latest),
        whereabouts=whereabouts(latest),
        alerts=open_about(system, session.person, subject, found.orders, now),
        history=list(reversed(system.records.person(subject, found.orders))),
        now=now,
    )
