"""A breach at 02:14, to be told to the outside."""

from datetime import UTC, datetime
from uuid import UUID

from consumers.channels.message import Message
from domain.alerts import AlertCode, AlertRaised
from domain.published import OrderEvent

AT = datetime(2026, 11, 22, 2, 14, 5, tzinfo=UTC)


def message(what: str = "raised", at: datetime = AT, *, exercise: bool = False) -> Message:
    raised = AlertRaised(
        code=AlertCode.BREACH_ARREST,
        rule="breach_arrest.v1",
        cause=UUID(int=1),
        order_id=UUID(int=2),
        reference="KENT-2026-00007",
        force="Kent",
        priority=1,
        condition="P-ZONE-DIST",
        due_at=AT,
        raised_at=AT,
    )
    return Message(
        UUID(int=5),
        UUID(int=6),
        what,
        raised,
        1,
        at,
        exercise=exercise,
        event=OrderEvent(position=9, topic=AlertRaised.TOPIC, stream_id=UUID(int=6), version=1),
        with_force="Essex" if what.startswith("transfer") else "",
    )
