"""Which finding must raise which alert, written down once more."""

from collections.abc import Iterator
from types import MappingProxyType

from domain.findings import (
    BreachJudgement,
    BreachRecorded,
    Concern,
    ConcernRaised,
    DutyKind,
    Finding,
    MissJudgement,
    NotificationMissed,
)

_J, _M, _D, _C = BreachJudgement, MissJudgement, DutyKind, Concern
_BREACH = MappingProxyType(
    {
        _J.ARREST: "BREACH_ARREST",
        _J.HISTORIC: "BREACH_HISTORIC",
        _J.UNSERVED: "BREACH_REVIEW_UNSERVED",
    }
)
_MISSED = MappingProxyType({_D.INITIAL: "MISSED_INITIAL", _D.ADDRESS: "MISSED_ADDRESS"})
_REVIEWED = MappingProxyType(
    {
        _M.SERVICE_PROOF: "MISSED_REVIEW_SERVICE_PROOF",
        _M.LATE_RECORDING: "MISSED_REVIEW_LATE_RECORDING",
    }
)
_CONCERN = MappingProxyType(
    {_C.ORDER_UNSERVED: "ORDER_UNSERVED", _C.RECEIPT_NOT_ISSUED: "ACK_NOT_ISSUED"}
)


def codes_of(found: Finding) -> Iterator[str]:
    """Raises `KeyError` for what these lives do not hold."""
    match found:
        case BreachRecorded():
            yield _BREACH[found.judgement]
        case NotificationMissed():
            yield _REVIEWED.get(found.judgement) or _MISSED[found.duty]
        case ConcernRaised():
            yield _CONCERN[found.concern]
        case _:
            raise KeyError(found)
