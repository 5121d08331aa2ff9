"""Which action each route is: one line a route. A route that stands in no line is open to nobody."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.access import Action
from domain.access_table import may_ever
from domain.command_names import FACT_OF
from domain.desk.steps import STEPS
from domain.recording_rights import action_of
from domain.vocabulary import FACT_TYPES
from web.access import NotForRole, Person
from web.language import N_

_COMMANDS = {
    f"POST /api/v1/orders/{{reference:path}}/{name}": action_of(FACT_TYPES[fact])
    for name, fact in FACT_OF.items()
}
_STEPS = {f"POST /api/v1/alerts/{{alert}}/{step}": Action.WORK_ALERT for step in STEPS}

DOORS: Mapping[str, Action] = MappingProxyType(
    {
        "GET /you": Action.USE_PAGES,
        "POST /sign-out": Action.USE_PAGES,
        "GET /break-glass": Action.BREAK_GLASS,
        "POST /break-glass": Action.BREAK_GLASS,
        "GET /audit/consultations": Action.READ_CONSULTATIONS,
        "GET /access/reviews": Action.REVIEW_GLASS,
        "POST /access/reviews": Action.REVIEW_GLASS,
        "GET /access/linked": Action.LINK_OFFICER,
        "POST /access/linked": Action.LINK_OFFICER,
        "GET /board": Action.SEE_BOARD,
        "GET /board/lists/{name}": Action.SEE_BOARD,
        "GET /board/stream": Action.SEE_BOARD,
        "POST /board/painted": Action.WORK_ALERT,
        "GET /shift": Action.WORK_ALERT,
        "POST /shift/prepare": Action.WORK_ALERT,
        "POST /shift/sign-off": Action.WORK_ALERT,
        "GET /shift/{handover}": Action.WORK_ALERT,
        "POST /shift/{handover}/accept/{alert}": Action.WORK_ALERT,
        "POST /shift/{handover}/sign": Action.WORK_ALERT,
        "GET /holds": Action.WORK_ALERT,
        "POST /holds": Action.WORK_ALERT,
        "POST /holds/{decision}/end": Action.WORK_ALERT,
        "POST /holds/{proposal}/agree": Action.WORK_ALERT,
        "GET /alerts/{alert}": Action.READ_ALERT,
        "GET /alerts/{alert}/version": Action.READ_ALERT,
        "GET /alerts/{alert}/briefing.pdf": Action.READ_BRIEFING,
        "GET /alerts/stream": Action.READ_ALERT,
        "POST /alerts/{alert}/acknowledge": Action.WORK_ALERT,
        "POST /alerts/{alert}/{step}": Action.WORK_ALERT,
        "GET /caseload": Action.LIST_CASES,
        "POST /caseload/file": Action.EXPORT,
        "GET /diary": Action.LIST_CASES,
        "GET /reports": Action.READ_FIGURES,
        "GET /reports/audit": Action.LIST_CASES,
        "POST /reports/audit/file": Action.EXPORT,
        "GET /reports/statistics": Action.READ_FIGURES,
        "GET /reports/health": Action.READ_PIPELINE,
        "GET /help": Action.USE_PAGES,
        "GET /help/{topic}": Action.USE_PAGES,
        "GET /people": Action.SEARCH_PEOPLE,
        "POST /people": Action.SEARCH_PEOPLE,
        "GET /people/{subject}": Action.READ_PERSON,
        "GET /orders/{reference:path}": Action.READ_ORDER,
        "GET /api/v1/alerts": Action.READ_ALERT,
        "GET /api/v1/alerts/stream": Action.SEE_BOARD,
        "GET /api/v1/alerts/{alert}": Action.READ_ALERT,
        "GET /api/v1/alerts/{alert}/briefing": Action.READ_BRIEFING,
        **_STEPS,
        "GET /api/v1/orders/{reference:path}": Action.READ_ORDER,
        "GET /api/v1/orders/{reference:path}/history": Action.READ_ORDER,
        **_COMMANDS,
        # Whoever may report a breach; each fact is asked about by its own action.
        "GET /record": Action.RECORD_BREACH,
        "POST /record": Action.RECORD_BREACH,
        "GET /orders/{reference:path}/record": Action.RECORD_BREACH,
        "GET /orders/{reference:path}/record/{command}": Action.RECORD_BREACH,
        "POST /orders/{reference:path}/record/{command}": Action.RECORD_BREACH,
        "GET /orders/{reference:path}/recorded/{event}": Action.RECORD_BREACH,
        "POST /api/v1/orders/{reference:path}/{command}": Action.RECORD_BREACH,
        "GET /api/v1/audit/consultations": Action.READ_CONSULTATIONS,
    }
)
"""Method and path, as the route is written. The record itself is asked about in the route."""

OPEN = frozenset(
    {
        "GET /",
        "GET /sign-in",
        "POST /sign-in",
        "GET /sign-in/go",
        "GET /sign-in/back",
        "GET /language/{name}",
        "GET /healthz",
        "GET /readyz",
        "GET /openapi.json",
        "GET /metrics",
    }
)
"""Routes that release nothing and do nothing for anybody in particular."""

WAYS = (
    ("/board", N_("Arrest board")),
    ("/caseload", N_("Caseload")),
    ("/record", N_("Record")),
    ("/people", N_("Find")),
    ("/diary", N_("Court diary")),
    ("/reports", N_("Reports")),
    ("/help", N_("Help")),
    ("/shift", N_("Change of shifts")),
    ("/holds", N_("Alerts held back")),
    ("/audit/consultations", N_("Who read what")),
    ("/access/reviews", N_("Cases opened by other forces")),
    ("/access/linked", N_("Officers in a case")),
    ("/break-glass", N_("Break the glass: a record of another force, in an emergency")),
)
"""The pages a person begins at, in the order of who needs them soonest."""


def ways(person: Person) -> list[tuple[str, str]]:
    """Those of them that are open to this person, each with its name in English."""
    return [(path, name) for path, name in WAYS if may_ever(person.role, DOORS[f"GET {path}"])]


def leads(person: Person, path: str) -> bool:
    """Whether a link to that route may stand on this person's page: it is closed to some roles for good."""
    action = DOORS.get(f"GET {path}")
    return action is not None and may_ever(person.role, action)


def home(person: Person) -> str:
    """Where this person begins."""
    return next((path for path, _ in ways(person)), "/you")


def must_be_let_in(person: Person, method: str, path: str) -> Action:
    """What the route is for. Raises `NotForRole` when nobody of that role has any business there."""
    action = DOORS.get(f"{'GET' if method == 'HEAD' else method} {path}")
    if action is None or not may_ever(person.role, action):
        raise NotForRole(person.role)
    return action
