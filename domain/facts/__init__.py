"""The facts: what courts, officers and providers say happened. Each is an event of its own."""

from domain.events import Event


class Fact(Event):
    """A fact from outside, as opposed to a finding the register works out from facts."""
