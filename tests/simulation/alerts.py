"""How an alert stands, reckoned once more from the names of its events: none of our rules is asked."""

from dataclasses import dataclass
from typing import Any

_TAKEN = {"spo.alert-acknowledged.v1", "spo.alert-handed-over.v1", "spo.alert-reopened.v1"}
_GRADED = {
    "spo.alert-graded.v1",
    "spo.alert-transfer-accepted.v1",
    "spo.alert-resounded.v1",
}


@dataclass(slots=True)
class AlertHeard:
    """`withdrawn`: why; `escalates`: whether anybody was to be told of it by the clock."""

    reference: str
    priority: int
    withdrawn: str | None = None
    held: bool = False
    escalates: bool = False
    taken: bool = False
    closed: bool = False

    def hears(self, topic: str, event: Any) -> None:
        if topic in _TAKEN:
            self.taken = True
        if topic in _GRADED:
            self.priority = event.priority or self.priority
        match topic:
            case "spo.alert-withdrawn.v1":
                self.withdrawn = str(event.reason)
            case "spo.alert-held.v1":
                self.held = True
            case "spo.alert-escalation-started.v1":
                self.escalates = True
            case "spo.alert-closed.v1":
                self.closed = True
            case "spo.alert-reopened.v1":
                self.closed = False
            case _:
                pass

    @property
    def open(self) -> bool:
        """One that was taken back before anybody had it is over; of any other somebody is to hear the end."""
        return not self.closed and (self.withdrawn is None or self.taken)

    @property
    def urgent(self) -> bool:
        return self.open and self.priority == 1

    @property
    def is_told(self) -> bool:
        """Whether people must have been told of it: not of a concern that was over, nor of what was held till its end."""
        held = self.held and (self.withdrawn is not None or not self.escalates)
        return self.withdrawn != "over" and not held
