"""The life of one order, deed by deed, each through the door that people and programs use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from domain.access import Role
from domain.commands import Answer
from domain.desk.desk import AlertDesk
from domain.desk.hands import DeskRole, Hand
from domain.desk.outcomes import Question
from domain.desk.steps import STEPS
from domain.vocabulary import FACT_TYPES
from spowatch.log_pages import alerts_raised
from spowatch.open_store import Store
from spowatch.running.register import role
from spowatch.serving.entries import StoreEntries
from tests.stories import NOW
from web.access import Person
from web.entering import Entered, Entry

ORDER = "KENT/1"
CLERK = Person("4812", Role.COURT_LIAISON, "Kent", "desk-1")
SERGEANT = Hand("4813", DeskRole.SUPERVISOR, "Kent", "desk-2")

Told = tuple[object, ...]
"""What the doer was told: the same at every asking."""


@dataclass(frozen=True, slots=True)
class Deed:
    """`whole`: one transaction, so that after a death all of it is on record or nothing.

    A turn of a role may be several; each is whole, and the next turn does the rest.
    """

    name: str
    do: Callable[[Store], Told]
    whole: bool = True


def enter(
    kind: str, t: str, values: Mapping[str, Any], store: Store, order: str = ORDER
) -> tuple[UUID, int, int | None, tuple[UUID, ...], str | None]:
    """Order, version, position, events, and the refusal's code."""
    key = f"{order} {kind} {t}"
    entry = Entry(FACT_TYPES[kind], order, values, by=CLERK, t=t, key=key)
    came: Entered = StoreEntries(store, lambda: NOW).enter(entry)
    refusal = None if came.refusal is None else came.refusal.code
    return came.order_id, came.version, came.position, tuple(came.event_ids), refusal


def take(step: str, fields: dict[str, Any], store: Store) -> Told:
    *_, (_, alert) = alerts_raised(store)
    taken = STEPS[step].model_validate(fields)
    answer: Answer = AlertDesk(store.register).answer(alert, SERGEANT, NOW, taken, command_id=step)
    return answer.order_id, answer.version, answer.event_ids, answer.refused_as


def turn(name: str, now: datetime, store: Store) -> Told:
    """All that the role finds to do. What was done before is not told again."""
    with role(name, store, lambda _: None, lambda: now) as work:
        while work(0):
            pass
    return ()


def _fact(name: str, kind: str, t: str, /, **values: Any) -> Deed:
    return Deed(name, partial(enter, kind, t, values))


def _step(name: str, **fields: Any) -> Deed:
    return Deed(name, partial(take, name, fields))


def _turn(name: str, now: datetime = NOW) -> Deed:
    return Deed(f"turn of {name}", partial(turn, name, now), whole=False)


TERMS: Sequence[dict[str, Any]] = [
    {"code": "P-CONTACT-DIRECT", "wording": "Not to contact Vera Sample by any means."},
    {"code": "P-ZONE-DIST", "metres": 200, "around": "12 Hidden Lane, Maidstone"},
]
APPLIED: Mapping[str, Any] = {
    "applicant": "chief_officer",
    "force": "Kent",
    "nexus": "resides",
    "defendant_age": 34,
    "court": "magistrates",
    "defendant": {"name": "Alan Example", "born": "1992-03-04"},
    "protected": [{"name": "Vera Sample", "relationship": "former_partner"}],
}
_NOTIFIED = {
    "station_area": "home_address_area",
    "names": ["Alan Example"],
    "home_address": "1 High Street, Chatham",
}
BREACH: Mapping[str, Any] = {
    "occurred_at": "2026-12-05T21:00:00+00:00",
    "condition": "P-CONTACT-DIRECT",
    "source": "victim",
    "narrative": "Rang four times in the night and said her name.",
}
_ANSWERS = [{"question": question, "yes": True, "reference": "CR/1/26"} for question in Question]

LIFE: Sequence[Deed] = (
    _fact("apply", "ApplicationMade", "2026-10-01T10:00:00+01:00", **APPLIED),
    _fact("list-hearing", "HearingListed", "2026-10-02T10:00:00+01:00", on="2026-11-20"),
    _fact(
        "grant-interim",
        "InterimOrderGranted",
        "2026-10-03T10:00:00+01:00",
        last_day="2026-11-20",
        conditions=TERMS,
    ),
    _fact("serve (interim)", "OrderServed", "2026-10-04T10:00:00+01:00", order_kind="interim"),
    _fact("receive-notification", "NotificationReceived", "2026-10-05T10:00:00+01:00", **_NOTIFIED),
    _fact(
        "grant-full",
        "FullOrderGranted",
        "2026-11-20T14:00:00+00:00",
        last_day="2029-11-19",
        defendant_present=False,
        conditions=TERMS,
    ),
    _fact(
        "serve",
        "OrderServed",
        "2026-11-20T15:30:00+00:00",
        order_kind="full",
        replaces_interim=True,
        method="in_person",
    ),
    _fact(
        "vary",
        "OrderVaried",
        "2026-11-25T10:00:00+00:00",
        applicant="chief_officer",
        role="applied_for_order",
        heard=["chief_officer", "defendant"],
        adds=[{"code": "P-APPROACH", "metres": 100}],
        necessity_found=True,
    ),
    _fact("renew, refused", "OrderRenewed", "2026-11-26T10:00:00+00:00", applicant="victim"),
    _fact("visit-address", "AddressVisit", "2026-11-27T10:00:00+00:00", result="seen"),
    _fact("use-name", "NameUsed", "2026-12-01T10:00:00+00:00", name="Al Sample"),
    _fact("report-breach", "BreachReported", "2026-12-05T21:10:00+00:00", **BREACH),
    _turn("alert"),
    _turn("deliver"),
    _turn("project"),
    _step("acknowledge"),
    _step("task", unit="KA11", incident="26-1234"),
    _step("attending", unit="KA11"),
    _step("tell", how="phone"),
    _step("outcome", outcome="arrested", reference="CU/1/26"),
    _step("close", answers=_ANSWERS),
    _turn("seal"),
    _turn("sweep", NOW + timedelta(days=4 * 365)),
)
