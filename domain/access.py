"""The words of access: roles, actions, how somebody stands to a record, and what a question names."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.consultations import Purpose


class Role(StrEnum):
    """What somebody answers for. Those who stand at a desk bear the same names there."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    DUTY_OFFICER = "duty_officer"
    SPOC = "spoc"
    OFFENDER_MANAGER = "offender_manager"
    VICTIM_LIAISON = "victim_liaison"
    COURT_LIAISON = "court_liaison"
    REVIEWER = "reviewer"
    OPS = "ops"
    CONTROL_SYSTEM = "control_system"
    PROVIDER = "provider"
    COURT_SYSTEM = "court_system"


class Action(StrEnum):
    """What can be asked for. Those marked in `PERSONAL` release words about people."""

    SEE_BOARD = "see_board"
    READ_ALERT = "read_alert"
    READ_BRIEFING = "read_briefing"
    WORK_ALERT = "work_alert"
    READ_ORDER = "read_order"
    READ_PERSON = "read_person"
    SEARCH_PEOPLE = "search_people"
    LIST_CASES = "list_cases"
    EXPORT = "export"
    RECORD_COURT = "record_court"
    RECORD_SERVICE = "record_service"
    RECORD_NOTIFICATION = "record_notification"
    RECORD_BREACH = "record_breach"
    RETRACT_BREACH = "retract_breach"
    RECORD_MANAGEMENT = "record_management"
    READ_FIGURES = "read_figures"
    READ_PIPELINE = "read_pipeline"
    READ_CONSULTATIONS = "read_consultations"
    BREAK_GLASS = "break_glass"
    REVIEW_GLASS = "review_glass"
    LINK_OFFICER = "link_officer"
    USE_PAGES = "use_pages"


class Relation(StrEnum):
    """How the person asking stands to the record, by their force or by their number."""

    OWN = "own"
    CONCERNED = "concerned"
    GRANTED = "granted"
    OTHER = "other"
    LINKED = "linked"


class State(StrEnum):
    """Whether anything of the record still runs."""

    LIVE = "live"
    ENDED = "ended"


RELATIONS = MappingProxyType(
    {
        Relation.OWN: "their force's order, or an alert their force has",
        Relation.CONCERNED: "an open alert on it is with their force, or offered to it",
        Relation.GRANTED: "they broke the glass on it within the hour",
        Relation.OTHER: "none of these",
        Relation.LINKED: "they are in the case themselves, as its subject or as who it protects",
    }
)
STATES = MappingProxyType(
    {
        State.LIVE: "an alert on it is open, or the order is not over",
        State.ENDED: "neither",
    }
)

MACHINES = frozenset({Role.CONTROL_SYSTEM, Role.PROVIDER, Role.COURT_SYSTEM})
"""Programs, by a token of their own: the control room's own system, a provider, a court's system."""

PEOPLE = frozenset(Role) - MACHINES

PERSONAL = frozenset(
    {
        Action.READ_BRIEFING,
        Action.READ_ORDER,
        Action.READ_PERSON,
        Action.SEARCH_PEOPLE,
        Action.LIST_CASES,
        Action.EXPORT,
    }
)
"""Reads that need a purpose and leave a consultation (DPA 2018 s.62)."""

USUAL = MappingProxyType(
    {
        Role.OPERATOR: Purpose.RESPONDING,
        Role.SUPERVISOR: Purpose.SUPERVISING,
        Role.DUTY_OFFICER: Purpose.SUPERVISING,
        Role.SPOC: Purpose.INVESTIGATING,
        Role.OFFENDER_MANAGER: Purpose.MANAGING,
        Role.VICTIM_LIAISON: Purpose.RESPONDING,
        Role.COURT_LIAISON: Purpose.COURT_WORK,
        Role.REVIEWER: Purpose.REVIEWING,
    }
)
"""Why somebody in that role opens a page, where they say nothing else. The others read of nobody."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the table. `purpose` is None where none was stated."""

    role: Role
    action: Action
    relation: Relation = Relation.OWN
    state: State = State.LIVE
    purpose: Purpose | None = None
