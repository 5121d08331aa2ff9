"""What reviewers of access look at: glass that was broken, and who read which record, from the log."""

from collections.abc import Sequence
from typing import Any

from domain.case_access import OF_CASE_ACCESS, CaseAccess, Glass, GlassReviewed
from domain.events import RecordedEvent
from spowatch.log_pages import pages, stream, stream_of
from spowatch.open_store import Store


def glasses(store: Store) -> Sequence[dict[str, Any]]:
    """Every breaking of glass: what is to be judged first, then the newest."""
    streams = dict.fromkeys(stream_of(each) for each in pages(store, sorted(OF_CASE_ACCESS)))
    told = []
    for identity in streams:
        recorded = stream(store, identity)
        access = CaseAccess(identity)
        access.fold(recorded)
        told += [_glass(glass, access, recorded) for glass in access.glasses]
    return sorted(told, key=lambda each: (each["justified"] is not None, -each["at"].timestamp()))


def _glass(glass: Glass, access: CaseAccess, recorded: Sequence[RecordedEvent]) -> dict[str, Any]:
    judged = [each.event for each in recorded if isinstance(each.event, GlassReviewed)]
    verdict = next((each for each in judged if each.glass == glass.version), None)
    broken, pending = glass.broken, access.unreviewed.get(glass.version)
    return {
        "version": glass.version,
        "reference": broken.reference,
        "owner": broken.owner,
        "staff": broken.staff,
        "force": broken.force,
        "reason": broken.reason,
        "at": recorded[glass.version - 1].envelope.recorded_at,
        "open_until": broken.open_until,
        "review_by": broken.review_by,
        "justified": None if verdict is None else verdict.justified,
        "late": pending is not None and pending.overdue,
    }
