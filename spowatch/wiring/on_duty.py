"""Who is told outside besides those of the settings: whoever is on duty when a step of the escalation fires."""

from dataclasses import replace

from consumers.on_duty import Both, OnDuty, Policy
from consumers.outward_receiver import Receiver

OF_PEOPLE = frozenset({"mail", "text"})


def with_people_on_duty(receiver: Receiver, policy: Policy) -> Receiver:
    """A channel that reaches people tells whoever's turn it is; the others as they are."""
    if receiver.name not in OF_PEOPLE:
        return receiver
    both = Both(receiver.recipients, OnDuty(receiver.name, policy))
    return replace(receiver, recipients=both)
