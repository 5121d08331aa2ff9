"""Why an alert has the priority it has now: from its raise, or from whoever or whatever changed it since."""

from domain.desk.events import AlertGraded, AlertResounded, TransferAccepted
from domain.desk.record import AlertOnRecord

_OF_ITS_KIND = "the kind of alert"


def raised_because(alert: AlertOnRecord) -> list[str]:
    """The reasons it had when it was raised."""
    return [] if alert.raised is None else list(alert.raised.reasons)


def priority_because(alert: AlertOnRecord, *, with_reason: bool) -> list[str]:
    """`with_reason`: with what whoever graded it wrote, which may be about a person."""
    last = alert.graded_by
    if last is None:
        return raised_because(alert)
    match last.event:
        case AlertGraded(reason=reason):
            by = f"set by {last.envelope.actor}"
            return [f"{by}: {reason}" if with_reason else by]
        case AlertResounded():
            return ["the person broke an order again"]
        case TransferAccepted(force=force):
            return [f"taken over by {force} as priority {alert.priority}"]
        case _:
            return []


def priority_line(told: dict[str, object]) -> str:
    """`2, because: ...`, and what it was when it was raised where that differs."""
    because, at_first = told["priority_because"], told["raised_because"]
    line = f"{told['priority']}, because: {_joined(because)}"
    if told["raised_priority"] == told["priority"] and because == at_first:
        return line
    return f"{line} (raised as {told['raised_priority']}, because: {_joined(at_first)})"


def _joined(reasons: object) -> str:
    return "; ".join(reasons) if isinstance(reasons, list) and reasons else _OF_ITS_KIND
