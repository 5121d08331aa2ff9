"""The reviewer's page: who read which record and why, and whom to ask about it. Looking is on record too."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from domain.access import Role
from domain.consultations import (
    Consultation,
    ConsultationsReviewed,
    Purpose,
    consultation_stream,
)
from domain.looks import Look, Oddity, oddities
from web import words
from web.access import Person
from web.consulting import concerns
from web.language import N_, _
from web.rendering import page
from web.requests import SignedIn, TheSystem
from web.system import System

router = APIRouter(include_in_schema=False)
MOST = 200
"""Readings on one page, the newest."""
ODDITIES = MappingProxyType(
    {
        Oddity.MANY_ORDERS: N_("different orders read within a day"),
        Oddity.BEHIND_GLASS: N_("readings behind broken glass"),
        Oddity.NO_ALERT: N_("records looked up without an alert"),
        Oddity.NO_REASON: N_("readings without a stated purpose"),
    }
)
PURPOSES = MappingProxyType(
    {
        Purpose.RESPONDING: N_("Responding"),
        Purpose.MANAGING: N_("Managing"),
        Purpose.COURT_WORK: N_("Court work"),
        Purpose.INVESTIGATING: N_("Investigating"),
        Purpose.SUPERVISING: N_("Supervising"),
        Purpose.REVIEWING: N_("Reviewing"),
        Purpose.NOT_STATED: N_("Not stated"),
    }
)


@dataclass(frozen=True, slots=True)
class Sought:
    """What the reviewer asks for; nothing, for everything."""

    who: Annotated[str, Query(max_length=64)] = ""
    order: Annotated[str, Query(max_length=200)] = ""
    purpose: Annotated[str, Query(max_length=20)] = ""

    def takes(self, look: Look) -> bool:
        return (
            self.who in ("", look.who)
            and self.order in ("", look.reference)
            and self.purpose in ("", look.purpose)
        )


@router.get("/audit/consultations")
def consultations(
    system: TheSystem, session: SignedIn, sought: Annotated[Sought, Depends()]
) -> Response:
    """Readings by people of this force and of this force's orders; the newest first."""
    of_force = [
        look for look in system.records.looks() if concerns(session.person, look.force, look.owner)
    ]
    found = [look for look in of_force if sought.takes(look)]
    shown = list(reversed(found[-MOST:]))
    _put_on_record(system, session.person, sought, shown)
    return page(
        "consultations.html",
        session=session,
        demo=system.demo,
        sought=sought,
        looks=shown,
        more=len(found) - len(shown),
        odd=oddities(of_force, system.now()),
        oddities=ODDITIES,
        purposes=PURPOSES,
        role=_role,
    )


def _put_on_record(system: System, person: Person, sought: Sought, shown: Sequence[Look]) -> None:
    """Raises whatever keeps it off the log; nothing is shown then."""
    reviewed = ConsultationsReviewed(
        who=sought.who or None, reference=sought.order or None, shown=len(shown)
    )
    consultation = Consultation(consultation_stream(uuid4()))
    consultation.record(reviewed, person.envelope(system.now()))
    system.register.keep([consultation])


def _role(name: str) -> str:
    return _(words.ROLES[Role(name)]) if name in set(Role) else name
