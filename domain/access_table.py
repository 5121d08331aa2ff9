"""Who may do what: one table by role, relation, state and purpose. What no row allows is denied."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from domain.access import MACHINES, PEOPLE, PERSONAL, Action, Asked, Relation, Role, State
from domain.consultations import Purpose


@dataclass(frozen=True, slots=True)
class Row:
    """Everybody of `roles` may do each of `actions` there, and then, for these purposes; and why."""

    why: str
    roles: frozenset[Role]
    actions: frozenset[Action]
    relations: frozenset[Relation] = frozenset({Relation.OWN})
    states: frozenset[State] = frozenset(State)
    purposes: frozenset[Purpose] = frozenset()

    def allows(self, asked: Asked) -> bool:
        return (
            asked.action in self.actions
            and asked.role in self.roles
            and asked.relation in self.relations
            and asked.state in self.states
            and (asked.action not in PERSONAL or asked.purpose in self.purposes)
        )


_R, _A, _N, _S, _P = Role, Action, Relation, State, Purpose
_DESK = frozenset(
    {_R.OPERATOR, _R.SUPERVISOR, _R.DUTY_OFFICER, _R.SPOC, _R.OFFENDER_MANAGER, _R.VICTIM_LIAISON}
)
_IN_COMMAND = frozenset({_R.SUPERVISOR, _R.DUTY_OFFICER})
_CASEWORK = frozenset({_R.SPOC, _R.OFFENDER_MANAGER})
_HERE_OR_OFFERED = frozenset({_N.OWN, _N.CONCERNED})
_BY_ROLE = MappingProxyType(
    {
        _R.OPERATOR: {_P.RESPONDING},
        _R.SUPERVISOR: {_P.RESPONDING, _P.SUPERVISING},
        _R.DUTY_OFFICER: {_P.RESPONDING, _P.SUPERVISING},
        _R.SPOC: {_P.RESPONDING, _P.INVESTIGATING, _P.MANAGING, _P.COURT_WORK},
        _R.OFFENDER_MANAGER: {_P.RESPONDING, _P.MANAGING},
        _R.VICTIM_LIAISON: {_P.RESPONDING},
        _R.COURT_LIAISON: {_P.COURT_WORK},
        _R.REVIEWER: {_P.REVIEWING},
    }
)
"""The purposes each role may state. Nobody responds, manages or reviews by another's office."""


def _for_each(
    why: str,
    roles: frozenset[Role],
    actions: frozenset[Action],
    relations: frozenset[Relation] = frozenset({Relation.OWN}),
    states: frozenset[State] = frozenset(State),
) -> Iterator[Row]:
    """A row for each role, with the purposes that role may state."""
    for role in sorted(roles):
        purposes = frozenset(_BY_ROLE[role])
        yield Row(why, frozenset({role}), actions, relations, states, purposes)


TABLE: tuple[Row, ...] = (
    Row(
        "whoever is signed in has a way about, and out",
        PEOPLE,
        frozenset({_A.USE_PAGES}),
        frozenset(_N),
    ),
    Row(
        "a board names an order and nobody; an alert moves between forces",
        _DESK | {_R.CONTROL_SYSTEM},
        frozenset({_A.SEE_BOARD, _A.READ_ALERT}),
        _HERE_OR_OFFERED,
    ),
    Row(
        "a reviewer is told of broken glass by an alert",
        frozenset({_R.REVIEWER}),
        frozenset({_A.SEE_BOARD, _A.READ_ALERT}),
    ),
    Row(
        "the desk works its own alerts, also one closed by mistake",
        _DESK,
        frozenset({_A.WORK_ALERT}),
    ),
    Row(
        "an alert offered to the force is accepted or refused",
        _DESK,
        frozenset({_A.WORK_ALERT}),
        frozenset({_N.CONCERNED}),
        frozenset({_S.LIVE}),
    ),
    *_for_each("an officer is briefed", _DESK, frozenset({_A.READ_BRIEFING})),
    *_for_each(
        "the force that an alert is offered to must know what it takes over",
        _DESK,
        frozenset({_A.READ_BRIEFING, _A.READ_ORDER}),
        frozenset({_N.CONCERNED}),
        frozenset({_S.LIVE}),
    ),
    *_for_each(
        "who responds needs what holds now, not what is over",
        frozenset({_R.OPERATOR, _R.VICTIM_LIAISON}),
        frozenset({_A.READ_ORDER, _A.READ_PERSON}),
        states=frozenset({_S.LIVE}),
    ),
    *_for_each(
        "a person calls, and only a name is known",
        _DESK | {_R.COURT_LIAISON},
        frozenset({_A.SEARCH_PEOPLE}),
    ),
    *_for_each(
        "casework, supervision and the courts go back to what is over",
        _IN_COMMAND | _CASEWORK | {_R.COURT_LIAISON, _R.REVIEWER},
        frozenset({_A.READ_ORDER, _A.READ_PERSON, _A.LIST_CASES}),
    ),
    *_for_each(
        "lists leave the system only for who answers for the force's cases",
        _IN_COMMAND | _CASEWORK,
        frozenset({_A.EXPORT}),
    ),
    *_for_each(
        "behind broken glass one record is read, and nothing is taken along",
        _DESK,
        frozenset({_A.READ_ALERT, _A.READ_BRIEFING, _A.READ_ORDER, _A.READ_PERSON}),
        frozenset({_N.GRANTED}),
    ),
    Row(
        "a life may depend on a record of another force",
        _DESK,
        frozenset({_A.BREAK_GLASS}),
        frozenset(_N) - {_N.LINKED},
    ),
    Row(
        "what the court did is entered by who deals with courts",
        frozenset({_R.COURT_LIAISON, _R.SPOC}),
        frozenset({_A.RECORD_COURT}),
    ),
    Row(
        "who serves, or hears of service, enters it",
        _IN_COMMAND | _CASEWORK | {_R.COURT_LIAISON, _R.OPERATOR},
        frozenset({_A.RECORD_SERVICE}),
        _HERE_OR_OFFERED,
    ),
    Row(
        "a person notifies where they live, whichever force made the order (s.10(1)-(3))",
        _IN_COMMAND | _CASEWORK,
        frozenset({_A.RECORD_NOTIFICATION}),
        frozenset(_N) - {_N.LINKED},
    ),
    Row(
        "management is entered by who manages the person",
        _IN_COMMAND | _CASEWORK,
        frozenset({_A.RECORD_MANAGEMENT}),
    ),
    Row(
        "a breach is taken from whoever hears of it, wherever it is heard of, whoever they are",
        _DESK | {_R.COURT_LIAISON} | MACHINES,
        frozenset({_A.RECORD_BREACH}),
        frozenset(_N),
    ),
    Row(
        "providers enter what they watch over",
        frozenset({_R.PROVIDER}),
        frozenset({_A.RECORD_MANAGEMENT}),
    ),
    Row(
        "courts enter what they did",
        frozenset({_R.COURT_SYSTEM}),
        frozenset({_A.RECORD_COURT, _A.RECORD_SERVICE}),
    ),
    Row(
        "taking a report back takes its alert back: no machine does that",
        _IN_COMMAND | _CASEWORK,
        frozenset({_A.RETRACT_BREACH}),
    ),
    Row(
        "figures name nobody",
        PEOPLE,
        frozenset({_A.READ_FIGURES}),
        frozenset(_N),
    ),
    Row(
        "who keeps it running sees whether it runs, and of nobody",
        frozenset({_R.OPS, _R.REVIEWER}) | _IN_COMMAND,
        frozenset({_A.READ_PIPELINE}),
        frozenset(_N),
    ),
    Row(
        "who reviews is none of those who read",
        frozenset({_R.REVIEWER}),
        frozenset({_A.READ_CONSULTATIONS, _A.REVIEW_GLASS}),
    ),
    Row(
        "a conflict of interest is put on record by who supervises",
        _IN_COMMAND | {_R.REVIEWER},
        frozenset({_A.LINK_OFFICER}),
    ),
)


def allowed(asked: Asked) -> bool:
    """Whether a row of the table allows it."""
    return any(row.allows(asked) for row in TABLE)


def may_ever(role: Role, action: Action) -> bool:
    """Whether there is any record on which that role may do it."""
    return any(action in row.actions and role in row.roles for row in TABLE)
