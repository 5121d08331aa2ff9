"""Facts on orders as commands of the API: one for each type of fact, done once under one key."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from domain.command_names import FACT_OF
from domain.facts import Fact
from domain.facts.breaches import REPORTS, BreachReported
from domain.refusals import Refused
from domain.submissions import OrderChanged
from domain.vocabulary import FACT_TYPES, UnreadableFact
from web.api.schemas import body_schema
from web.entering import Entered, Entry, KeyUsedBefore, OrderUnreadable
from web.fact_bodies import BodyUnreadable, given_fact, place_of
from web.language import N_, _
from web.order_access import may_enter
from web.preconditions import IfMatch, OnceOnly, changed, expected, first_or_again, key_used_before
from web.problems import PROBLEMS, problem, refusal, spoken_problem
from web.requests import HoldingToken, Reference, TheSystem, json_body
from web.system import System

router = APIRouter(prefix="/api/v1", tags=["orders"], responses=PROBLEMS)
unknown = APIRouter(prefix="/api/v1", responses=PROBLEMS)
"""Asked last: any name is one of its own."""
Body = Annotated[bytes, Depends(json_body)]
_BEFORE_A_PERSON = N_(
    "That a report came is put before the control room as %(case)s. Correct it and send it again, or telephone."
)


class Recorded(BaseModel):
    """What the command came to, on disk: where its event stands, and the order's version after it.

    `event_ids` is empty, and `position` null, when there was nothing to record.
    """

    position: int | None
    version: int
    event_ids: list[UUID]


def _for(name: str, kind: type[Fact]) -> None:
    """One route a type of fact, with the fact's own fields as its schema."""

    def command(
        reference: Reference,
        system: TheSystem,
        session: HoldingToken,
        raw: Body,
        idempotency_key: OnceOnly = None,
        if_match: IfMatch = None,
    ) -> Response:
        may_enter(system, session.person, kind, reference)
        asked = Entry(
            *(kind, reference, {}, session.person),
            key=idempotency_key,
            at_version=expected(if_match),
        )
        return _told(system, asked, raw)

    router.post(
        f"/orders/{{reference:path}}/{name}",
        name=name,
        status_code=201,
        summary=" ".join((kind.__doc__ or "").split()),
        response_model=Recorded,
        openapi_extra={"requestBody": body_schema(kind)},
    )(command)


def _told(system: System, asked: Entry, raw: bytes) -> Response:
    """State what the body says; an answer for each way in which that may end."""
    try:
        entered = system.entries.enter(_with_body(asked, raw))
    except (BodyUnreadable, UnreadableFact) as unread:
        return _unread(system, asked, raw, unread)
    except OrderChanged as moved:
        return changed(moved.version)
    except KeyUsedBefore:
        return key_used_before()
    except OrderUnreadable as fault:
        return _order_unreadable(system, asked, raw, fault)
    return _answer(entered, _kept_of(system, asked, raw, entered))


def _with_body(asked: Entry, raw: bytes) -> Entry:
    given = given_fact(asked.kind, raw)
    # As the vocabulary has it: what happened at `t` was known at `t`, unless the sender says later.
    known_at = given.recorded_at if given.recorded_at is not None else given.t
    if asked.kind is BreachReported:
        known_at = given.recorded_at
    return Entry(
        *(asked.kind, asked.reference, given.values, asked.by),
        t=given.t,
        known_at=known_at,
        person=given.person,
        key=asked.key,
        at_version=asked.at_version,
    )


def _kept_of(system: System, asked: Entry, raw: bytes, entered: Entered) -> UUID | None:
    """A report that is refused and not on record is put before a person all the same."""
    if entered.refusal is None or entered.event_ids:
        return None
    return _kept(system, asked, raw, f"it was refused: {entered.refusal.code}")


def _answer(entered: Entered, case: UUID | None) -> Response:
    """`case`: what a person was given to look into."""
    headers = first_or_again(entered.version, repeated=entered.repeated)
    done = Recorded(
        position=entered.position, version=entered.version, event_ids=list(entered.event_ids)
    ).model_dump(mode="json")
    if entered.refusal is not None:
        kept = done if entered.event_ids else None
        besides = "" if case is None else _(_BEFORE_A_PERSON, case=case)
        return refusal(Refused(entered.refusal), headers, kept=kept, besides=besides)
    return JSONResponse(done, status_code=201, headers=headers)


def _unread(
    system: System, asked: Entry, raw: bytes, unread: BodyUnreadable | UnreadableFact
) -> Response:
    """What is wrong and where, in English. That a report of a breach came is put before a person besides."""
    errors = [place_of(unread)] if isinstance(unread, UnreadableFact) else unread.errors
    told = "Some of what was sent cannot be read, and nothing was recorded on the order."
    case = _kept(system, asked, raw, f"{errors[0]['pointer']} cannot be read")
    besides = "" if case is None else " " + _BEFORE_A_PERSON % {"case": case}
    return problem(422, "UNREADABLE", told + besides, errors=errors)


def _order_unreadable(system: System, asked: Entry, raw: bytes, fault: OrderUnreadable) -> Response:
    told = _("What is on record of this order cannot be read, so nothing was recorded on it.")
    case = _kept(system, asked, raw, f"the register cannot take it: {fault}")
    besides = _("Tell whoever is on call.") if case is None else _(_BEFORE_A_PERSON, case=case)
    return spoken_problem(500, "ORDER_UNREADABLE", f"{told} {besides}")


def _kept(system: System, asked: Entry, raw: bytes, why: str) -> UUID | None:
    """Somebody meant to report a breach: a person looks into it, whatever it was that they sent."""
    if asked.kind not in REPORTS:
        return None
    return system.entries.put_before_a_person(asked, raw, why, system.now())


for _name, _fact in FACT_OF.items():
    _for(_name, FACT_TYPES[_fact])


@unknown.post("/orders/{reference:path}/{command}", include_in_schema=False)
def no_such_command(reference: str, command: str, _: HoldingToken) -> Response:
    """Any other name is none of ours."""
    told = (
        "There is no such command. The names are in /openapi.json, such as serve or report-breach."
    )
    return problem(404, "NO_SUCH_COMMAND", told)
