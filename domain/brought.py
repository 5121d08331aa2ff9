"""What a reader of the log brings along with the references, so that the desk goes to the server once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from uuid import UUID

from eventsourcing.persistence import StoredEvent

Brought = Mapping[UUID | str, Sequence[StoredEvent]]
"""Streams that were read already, by whoever had to go to the store anyway."""

NOTHING_BROUGHT: Brought = MappingProxyType({})


@dataclass(slots=True)
class BringAlong:
    """What the desk will ask for next: said before it reads, found here when it has read.

    A reader that cannot bring it leaves `brought` empty, and the desk asks for itself.
    """

    topics: Collection[str] = ()
    """The streams of events of these topics, whole."""
    past: Mapping[UUID, int] = field(default_factory=dict)
    """And of these streams what they hold past that version, where there is such an event."""
    of_people: Collection[str] = ()
    """And of the people that those streams are of the events of these topics alone."""
    brought: Brought = field(default_factory=lambda: NOTHING_BROUGHT)

    def taken(self) -> Brought:
        """What came with the references read last; gone from here, because it ages."""
        brought, self.brought = self.brought, NOTHING_BROUGHT
        return brought
