"""A person lets a machine send again."""

from datetime import datetime

from eventsourcing.persistence import IntegrityError
from pydantic import TypeAdapter, ValidationError

from domain.desk.sending import SENDING, SendingRecord
from domain.facts.words import ShortText, StaffNumber
from spowatch.open_store import Store

_STAFF: TypeAdapter[str] = TypeAdapter(StaffNumber)
_REASON: TypeAdapter[str] = TypeAdapter(ShortText)
_TRIES = 5


def release(store: Store, staff: str, reason: str, now: datetime) -> tuple[str, ...]:
    """Every machine that was held. Raises `ValueError` for a number or a reason that is none."""
    checked_hand(staff, reason)
    for _ in range(_TRIES):
        record = store.register.read(SendingRecord(SENDING))
        released = record.release(staff, reason, now)
        try:
            store.register.keep([record])
        except IntegrityError:  # a lane was held in this very moment
            continue
        return released
    msg = "others write to the same record without a pause; run it again"
    raise ValueError(msg)


def checked_hand(staff: str, reason: str) -> None:
    """Raises `ValueError` for a number or a reason that is none."""
    try:
        _STAFF.validate_python(staff)
        _REASON.validate_python(reason)
    except ValidationError:
        msg = "--as is a collar or payroll number, and --reason at most 200 characters"
        raise ValueError(msg) from None
    if not reason.strip():
        msg = "--reason: say why"
        raise ValueError(msg)
