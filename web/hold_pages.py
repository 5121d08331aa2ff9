"""Alerts held back: which decisions run, taking one, ending one. A held alert stands on the board all the same."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from domain.access import Action
from domain.desk.suppressions import (
    LONGEST,
    TWO_DECIDE,
    SuppressionKind,
    Suppressions,
    Wish,
    suppressions_stream,
)
from domain.facts.words import ShortText
from domain.races import retried
from domain.refusals import Refusal, Refused, refused
from domain.taxonomy import TAXONOMY
from web import words
from web.access import NotYours, Person
from web.language import _
from web.rendering import page
from web.requests import OwnForm, SignedIn, TheSystem
from web.sessions import Session
from web.standing import must_be_allowed_on
from web.stepping import Wrong
from web.streams import whole
from web.system import System

router = APIRouter(include_in_schema=False)
_REASON: TypeAdapter[str] = TypeAdapter(ShortText)
_HOUR = 60


@router.get("/holds")
def holds(system: TheSystem, session: SignedIn) -> Response:
    return _page(system, session, {})


@router.post("/holds")
def decide(system: TheSystem, session: SignedIn, form: OwnForm) -> Response:
    """Decided, and back; or the page again with what is wrong and everything typed."""
    given: dict[str, Any] = {name: str(value) for name, value in form.items()}
    given["conditions"] = [str(each) for each in form.getlist("conditions")]
    try:
        wish = _wish(system, session.person, form, given)
        take = system.holds.propose if wish.kind in TWO_DECIDE else system.holds.decide
        take(wish, session.person.hand, system.now())
    except Wrong as wrong:
        return _page(system, session, given, errors=wrong.errors, status=422)
    except Refused as refused:
        return _page(system, session, given, refusal=refused.refusal, status=409)
    return RedirectResponse("/holds", status_code=303)


@router.post("/holds/{proposal}/agree")
def agree(proposal: UUID, system: TheSystem, session: SignedIn, _form: OwnForm) -> Response:
    """The second of two: what the first proposed runs from now."""
    hand, now = session.person.hand, system.now()
    try:
        retried(partial(system.holds.agree, proposal, hand, now))
    except Refused as refused:
        return _page(system, session, {}, refusal=refused.refusal, status=409)
    return RedirectResponse("/holds", status_code=303)


@router.post("/holds/{decision}/end")
def end(decision: UUID, system: TheSystem, session: SignedIn, _form: OwnForm) -> Response:
    """People are told of what it held from now on. Anybody on duty may."""
    try:
        retried(partial(_end, system, session.person, decision))
    except Refused as refused:
        return _page(system, session, {}, refusal=refused.refusal, status=409)
    return RedirectResponse("/holds", status_code=303)


def _end(system: System, person: Person, decision: UUID) -> None:
    held = [row.id for row in system.board.rows()[0] if row.held_until is not None]
    cases = [system.desk.case(each) for each in held]
    system.holds.end(decision, person.hand, cases, system.now())


def _wish(system: System, person: Person, form: FormData, given: dict[str, Any]) -> Wish:
    """Raises `Wrong`, and `Refused` for an order that is not theirs to hold back."""
    errors: dict[str, str] = {}
    terms = [each for each in given["conditions"] if each in TAXONOMY]
    hours, reason = given.get("hours", ""), given.get("reason", "").strip()
    reference = given.get("order", "").strip()
    if given.get("kind") not in set(SuppressionKind):
        errors["kind"] = _("Choose why")
    if not terms:
        errors["conditions"] = _("Choose at least one term")
    if not whole(hours, most=7 * 24):
        errors["hours"] = _("Enter hours in digits, such as 4; at most 168")
    if not reason or not _fits(_REASON, reason):
        errors["reason"] = _("Say why, in at most 200 characters and no names")
    if errors:
        raise Wrong(errors)
    about = _order_of(system, person, reference) if reference else None
    lasts = timedelta(minutes=int(hours) * _HOUR)
    return Wish(SuppressionKind(given["kind"]), terms, reason, lasts, about)


def _fits(words_of: TypeAdapter[str], text: str) -> bool:
    try:
        words_of.validate_python(text)
    except ValidationError:
        return False
    return True


def _order_of(system: System, person: Person, reference: str) -> UUID:
    """Refused alike where there is none, where it is another force's, and where the person is in the case."""
    order = system.register.order(reference)
    try:
        must_be_allowed_on(system, person, Action.WORK_ALERT, order, system.now())
    except NotYours:
        raise refused("UNKNOWN_ORDER") from None
    if not person.of_force(
        order.force
    ):  # one that is concerned may work its alert, not hold it back
        raise refused("UNKNOWN_ORDER")
    return order.id


def _page(
    system: System,
    session: Session,
    given: dict[str, Any],
    *,
    errors: Any = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    now, force = system.now(), session.person.force
    suppressions = system.register.read(Suppressions(suppressions_stream(force)))
    decisions = sorted(suppressions.decisions.values(), key=lambda each: each.ends)
    return page(
        "holds.html",
        status=status,
        session=session,
        demo=system.demo,
        given=given,
        errors=errors or {},
        refusal=refusal,
        proposals=[each for each in suppressions.proposals.values() if now < each.lapses],
        running=[each for each in decisions if now < each.ends],
        over=[each for each in reversed(decisions) if each.ends <= now][:20],
        held=[row for row in system.board.rows()[0] if row.held_until and row.force == force],
        terms=[(code, _(term.title)) for code, term in TAXONOMY.items()],
        two_decide=TWO_DECIDE,
        kinds=[(kind, words.HOLDS[kind], LONGEST[kind]) for kind in SuppressionKind],
    )
