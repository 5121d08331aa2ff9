"""The order's page: terms, service, duties and everything on record, as it is or as it was known."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from domain.looking_back import as_it_was, known_by
from domain.orders import StalkingProtectionOrder
from domain.position import Position
from web.clocks import Clocks, MomentsAsked, clocks
from web.consulting import consult
from web.episodes import open_about
from web.identity import defendant_of, home_of, protected_by, whereabouts
from web.readable import opens_person, order_at, read_of
from web.rendering import page
from web.requests import SignedIn, TheSystem
from web.system import System

router = APIRouter(include_in_schema=False)
_MOST = 200
"""Entries of the history on one page; the rest is asked for."""


@router.get("/orders/{reference:path}")
def order_page(
    reference: str,
    system: TheSystem,
    session: SignedIn,
    asked: Annotated[MomentsAsked, Depends()],
    whole: str = "",
) -> Response:
    """Words for every event; one this release does not know is said by its name and its fields."""
    now = system.now()
    order = order_at(system, reference)
    with_alerts = _with_alerts(system, order)
    read = read_of(order, beside=with_alerts)
    consult(system, session.person, read, session.person.usual_purpose, now)
    when = clocks(asked, now)
    shown, position = _as_asked(system, order, when)
    looked_back = {"at": when.at, "known": when.known} if when.back else {}
    history = system.records.history(order.id, **looked_back)
    return page(
        "order.html",
        status=422 if when.errors else 200,
        session=session,
        demo=system.demo,
        asked=asked,
        when=when,
        order=shown,
        unknown=not shown.version,
        history=list(reversed(history if whole else history[-_MOST:])),
        hidden=0 if whole else max(0, len(history) - _MOST),
        alerts=open_about(system, session.person, order.subject_id, with_alerts, now),
        reference=order.reference,
        order_id=order.id,
        subject_id=order.subject_id,
        opens_person=opens_person(system, session.person, order.subject_id, now),
        **_told(shown, position),
    )


def _with_alerts(
    system: System, order: StalkingProtectionOrder
) -> Sequence[StalkingProtectionOrder]:
    """The orders of the person with an open alert: the page names them, of whichever force they are."""
    named = {row.raised.order_id for row in system.board.about(order.subject_id)}
    return [order, *(system.register.order_by_id(each) for each in sorted(named - {order.id}))]


def _as_asked(
    system: System, order: StalkingProtectionOrder, when: Clocks
) -> tuple[StalkingProtectionOrder, Position]:
    """The order on what was known at one moment, and where it stood at the other."""
    if not when.back:
        return order, order.position(max(when.now, order.known_until or when.now))
    recorded = list(system.register.events_of(order.id))
    past = known_by(order.id, recorded, when.known)
    return past, as_it_was(past, when.at)


def _told(order: StalkingProtectionOrder, position: Position) -> dict[str, Any]:
    return {
        "position": position,
        "who": defendant_of([order]),
        "home": home_of(position),
        "whereabouts": whereabouts(position),
        "protected": protected_by(order),
        "made": [*position.history.dapos, *position.history.orders],
    }
