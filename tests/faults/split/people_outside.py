"""The cells of the roles that look after people: who is on duty, and how far each text message came."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from time import monotonic, sleep
from typing import Any

from tests.faults.evidence import Entry
from tests.faults.split.cell import SETTLES, Cell
from tests.faults.split.every_role import killed, stopped
from tests.faults.split.field import ROLES, TEXTS, Arrangement, Field
from tests.faults.split.traces import rows_of

_STAFFED = Arrangement(roles=(*ROLES, *TEXTS, "staffing"))
_STRUCK = ("staffing", "receipts", "outward:text")
_UNCOVERED = "spo.duty-uncovered.v1"
_ANSWERED = "spo.delivery-answered.v1"
_RECEIPT = "spo.delivery-receipt-received.v1"


def people_cells() -> list[Cell]:
    return [
        *(killed(role, _STAFFED, people_looked_after) for role in _STRUCK),
        *(stopped(role, _STAFFED, people_looked_after) for role in _STRUCK),
    ]


def people_looked_after(system: Field, patience: float = SETTLES) -> None:
    """Beside the account: each text that Notify took has one receipt, and no gap of the rota was said twice."""
    deadline = monotonic() + patience
    while (found := _amiss(system)) and monotonic() < deadline:
        sleep(0.5)
    system.amiss += found


def _amiss(system: Field) -> list[str]:
    entries = [row.entry for row in rows_of(system.place.administrator)]
    receipts = Counter(each.stream for each in entries if each.topic == _RECEIPT)
    gaps = sorted(_gap(each.event) for each in entries if each.topic == _UNCOVERED)
    texts = _texts(system, entries)
    system.notes["texts"] = len(texts)
    return [
        *(f"missing: no receipt of the text {each}" for each in texts - receipts.keys()),
        *(f"duplicate: a second receipt of {each}" for each, n in receipts.items() if n > 1),
        *([] if texts else ["missing: no text was ever taken"]),
        *([] if gaps else ["missing: nobody said that the rota has a gap"]),
        *(f"duplicate: gaps {one} and {two}" for one, two in pairwise(gaps) if two[0] < one[1]),
    ]


def _gap(uncovered: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Of the only duty that must be filled; by the time of day there is one ahead, or two."""
    begins, ends = (datetime.fromisoformat(uncovered[end]) for end in ("begins_at", "ends_at"))
    return begins, ends


def _texts(system: Field, entries: Sequence[Entry]) -> set[str]:
    """The deliveries that ended at the telephone, by what we and Notify have of them."""
    taken = system.notify.taken if system.notify is not None else {}
    ended = {each.stream: each.event for each in entries if each.topic == _ANSWERED}
    return {stream for stream, told in ended.items() if told.get("provider_id") in taken}
