"""The page of who may do what, from the table that decides it."""

from collections.abc import Iterable

from domain.access import PERSONAL, RELATIONS, STATES, Relation, State
from domain.access_table import TABLE
from spowatch.reference.fields import table
from web.doors import DOORS, OPEN
from web.rations import COUNTED


def access_parts() -> tuple[str, ...]:
    return (
        (
            "Who may do what. What no row allows is denied. A role is given by the force's sign-in, "
            "a relation is how the person asking stands to the one record asked for, and a purpose "
            "is needed wherever personal data is released: those reads are marked *."
        ),
        table(("relation", "meaning"), [(each, RELATIONS[each]) for each in Relation]),
        table(("state", "meaning"), [(each, STATES[each]) for each in State]),
        table(
            ("why", "roles", "may", "relation", "state", "for the purpose of"),
            [
                (
                    row.why,
                    _listed(row.roles),
                    ", ".join(
                        f"{each}{'*' if each in PERSONAL else ''}" for each in sorted(row.actions)
                    ),
                    _listed(row.relations),
                    "any" if row.states == frozenset(State) else _listed(row.states),
                    _listed(row.purposes) or "-",
                )
                for row in TABLE
            ],
        ),
        *_routes(),
        "Open to anybody, and releasing nothing: "
        + ", ".join(f"`{each}`" for each in sorted(OPEN))
        + ".",
    )


def _routes() -> tuple[str, ...]:
    return (
        "## Routes",
        (
            "*Counted*: as reads or commands of one person or program in a minute; past the limit of "
            "`SPO_HTTP__RATIONS__*` ([settings](settings.md)) the answer is 429 with `Retry-After`. Reports of breaches, "
            "alerts and every step on them, and the glass are never counted: no limit holds priority 1 back."
        ),
        table(
            ("route", "action", "counted"),
            [
                (f"`{each}`", DOORS[each], COUNTED.get(DOORS[each], "never"))
                for each in sorted(DOORS)
            ],
        ),
    )


def _listed(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))
