"""Short pages of the law, linked from the fields and the refusals they explain."""

from collections.abc import Mapping
from types import MappingProxyType

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.desk.refusals import DESK_REFUSALS
from domain.refusals import REFUSALS
from web.language import N_
from web.rendering import page
from web.requests import SignedIn, TheSystem

router = APIRouter(include_in_schema=False)

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "breach": N_("A breach, and the power of arrest"),
        "notification": N_("What must be notified, and by when"),
        "service": N_("Service, and why its date matters"),
        "terms": N_("What a court may order"),
        "interim": N_("Interim orders, and gaps"),
        "changes": N_("Varying, renewing and discharging"),
        "records": N_("Who may read what, and what is put on record"),
        "refusals": N_("Why something was refused"),
    }
)
"""Each page by its name in addresses, in the order of who needs it soonest."""


@router.get("/help")
def help_index(system: TheSystem, session: SignedIn) -> Response:
    return page("help.html", session=session, demo=system.demo, topics=TOPICS)


@router.get("/help/{topic}")
def help_page(topic: str, system: TheSystem, session: SignedIn) -> Response:
    if topic not in TOPICS:
        raise HTTPException(404)
    refusals = {**REFUSALS, **DESK_REFUSALS} if topic == "refusals" else {}
    return page(
        f"help/{topic}.html",
        session=session,
        demo=system.demo,
        topic=topic,
        topics=TOPICS,
        refusals=dict(sorted(refusals.items())),
    )
