"""From an alert's file to the officer's sheet, for every door that hands one out."""

from dataclasses import dataclass
from datetime import datetime

from domain.desk.case_file import CaseFile
from spowatch.briefing import briefing
from spowatch.briefing.as_recorded import spoken_at
from spowatch.briefing.pdf import typeset
from spowatch.briefing.sheet import sheet
from spowatch.open_store import Store


@dataclass(frozen=True, slots=True)
class Printed:
    """A sheet as a PDF, and the instant it speaks of."""

    pdf: bytes
    as_at: datetime


def printed(
    store: Store, found: CaseFile, now: datetime, *, position: int, with_protected: bool
) -> Printed:
    """The sheet on an alert raised at `position`."""
    at = spoken_at(found.alert, [found.order, *found.person_orders], now)
    told = briefing(found.alert, found.order, found.person_orders, at, position=position)
    training = store.settings.for_training
    return Printed(typeset(sheet(told, with_protected=with_protected, training=training)), at)
