"""What the works themselves tell the people at a console: a duty nobody has, a stage that is silent."""

from collections.abc import Callable, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from domain.alerts import AlertClass, Priority
from domain.calendar import LONDON
from domain.desk.staffing import DutyCovered, DutyUncovered, PolicyRefused, PolicyTaken
from domain.events import Event
from domain.line_tests import StageHeard, StageSilent
from domain.published import OrderEvent
from domain.register import OrderRegister


def _uncovered(event: DutyUncovered) -> dict[str, Any]:
    times = f"from {_said(event.begins_at)} to {_said(event.ends_at)}"
    who = f"{', '.join(event.staff)} cannot be reached" if event.staff else "Nobody has it"
    return {
        "what": "duty_uncovered",
        "code": "DUTY_UNCOVERED",
        "force": event.desk_of,
        "duty": str(event.duty),
        "begins_at": event.begins_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "staff": list(event.staff),
        "instruction": f"{event.desk_of}, {event.duty}: {who}, {times}. Find somebody now, and put the "
        "rota right in the policy file.",
    }


def _covered(event: DutyCovered) -> dict[str, Any]:
    return {
        "what": "duty_covered",
        "code": "DUTY_COVERED",
        "force": event.desk_of,
        "duty": str(event.duty),
        "instruction": f"{event.desk_of}, {event.duty}: somebody has it who can be reached.",
    }


def _refused(event: PolicyRefused) -> dict[str, Any]:
    return {
        "what": "policy_refused",
        "code": "POLICY_REFUSED",
        "reason": event.reason,
        "instruction": f"The policy file was changed and cannot be taken: {event.reason}. Version "
        f"{event.number_kept} goes on. Run `spowatch policy check` and put it right.",
    }


def _taken(event: PolicyTaken) -> dict[str, Any] | None:
    """Said where people are left out by it."""
    if not event.not_set_up:
        return None
    missing = " and ".join(event.not_set_up)
    return {
        "what": "channel_not_set_up",
        "code": "CHANNEL_NOT_SET_UP",
        "channels": list(event.not_set_up),
        "instruction": f"Version {event.number} of the policy reaches people by {missing}, which is not "
        "set up: they are not told.",
    }


def _silent(event: StageSilent) -> dict[str, Any]:
    return {
        "what": "stage_silent",
        "code": "STAGE_SILENT",
        "stage": event.stage,
        "test_at": event.test_at.isoformat(),
        "instruction": f"The stage {event.stage} did not pass on the line test of "
        f"{_said(event.test_at)}: real alerts may not come through it. Call the on-call team.",
    }


def _heard(event: StageHeard) -> dict[str, Any]:
    return {
        "what": "stage_heard",
        "code": "STAGE_HEARD",
        "stage": event.stage,
        "instruction": f"The stage {event.stage} passes line tests on again.",
    }


_WORDS: MappingProxyType[
    str, tuple[Callable[[Any], dict[str, Any] | None], AlertClass, Priority]
] = MappingProxyType(
    {
        DutyUncovered.TOPIC: (_uncovered, AlertClass.REVIEW, Priority.PROMPT),
        DutyCovered.TOPIC: (_covered, AlertClass.NOTICE, Priority.ROUTINE),
        PolicyTaken.TOPIC: (_taken, AlertClass.NOTICE, Priority.SOON),
        PolicyRefused.TOPIC: (_refused, AlertClass.REVIEW, Priority.PROMPT),
        StageSilent.TOPIC: (_silent, AlertClass.REVIEW, Priority.IMMEDIATE),
        StageHeard.TOPIC: (_heard, AlertClass.NOTICE, Priority.ROUTINE),
    }
)
NOTICES = frozenset(_WORDS)


def notice_message(
    event: OrderEvent, register: OrderRegister, concerns: Callable[[Sequence[str]], bool]
) -> dict[str, Any] | None:
    """None where nobody need be told, or nobody here. Raises `LookupError` when there is no such event."""
    told, asks, priority = _WORDS[event.topic]
    message = told(_stored(event, register))
    if message is None or ("force" in message and not concerns([message["force"]])):
        return None
    return message | {"class": str(asks), "priority": int(priority)}


def _stored(event: OrderEvent, register: OrderRegister) -> Event:
    found = list(register.events_of(event.stream_id, gt=event.version - 1, lte=event.version))
    if not found:
        msg = f"nothing is recorded at {event.stream_id}, {event.version}"
        raise LookupError(msg)
    return found[0].event


def _said(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%a %d %b %H:%M %Z}"
