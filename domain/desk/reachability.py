"""Steps of a policy that would reach nobody: refused before they are needed, each with who is not told."""

from collections.abc import Iterator

from domain.alerts import Priority
from domain.desk.policies import EscalationPolicy
from domain.desk.policy_book import ForcePolicy, PolicyBook
from domain.desk.rota import Shift, StandIn


def unreachable(book: PolicyBook) -> list[str]:
    """One line for each step and person; a force without a rota is not asked who its people are."""
    return [line for own in book.forces if own.shifts for line in _of_force(book, own)]


def _of_force(book: PolicyBook, own: ForcePolicy) -> Iterator[str]:
    spells: tuple[Shift | StandIn, ...] = (*own.shifts, *own.stand_ins)
    named = dict.fromkeys(staff for spell in spells for staff in spell.staff)
    for staff in named:
        if staff not in own.people:
            yield f"{own.force}: {staff} is on a shift and not among its people; add [{staff}]"
    policies = book.policies_of(own.force)
    for priority in Priority:
        yield from _of_policy(own, policies[priority])


def _of_policy(own: ForcePolicy, policy: EscalationPolicy) -> Iterator[str]:
    for number, step in enumerate(policy.steps, start=1):
        where = f"{own.force}: step {number} of {policy.name} tells the {step.tells}"
        staff = own.staff_of(step.tells)
        if not staff:
            yield f"{where}, and nobody ever has that role; give it a shift"
        for each in staff:
            if each in own.people and not own.people[each]:
                yield f"{where}, and {each} would not be told: no contact method"
