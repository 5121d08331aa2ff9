"""The review of broken glass is a deadline of the sheet like any other, and survives its loss."""

from datetime import timedelta
from pathlib import Path

from domain.case_access import GlassReviewOverdue
from domain.deadlines import DeadlineKind
from domain.events import Envelope
from domain.glass import AccessDesk
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from spowatch.log_pages import pages
from spowatch.wiring.store import sweep
from tests.stories import NOW, served_order, store_at, tell

DAY = timedelta(days=1)


def test_a_review_that_nobody_made_is_found_by_the_sweep_and_its_audit(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        order = store.register.order("KENT-1")
        by = Envelope(occurred_at=NOW, recorded_at=NOW, entered_at=NOW, actor="77", force="Sussex",
                      subject_id=order.subject_id)  # fmt: skip
        AccessDesk(store.register).break_glass(order, "A woman is in danger at the door", by)
        access = AccessDesk(store.register).of(order)
        sheet = SqliteDeadlineSheet(store.settings.sheets_path)
        now = NOW
        worker = sweep(store, sheet, lambda: now)
        while worker.read(0):
            pass
        held = sheet.agendas([access.id])[access.id].deadlines
        assert [(each.kind, each.due_at) for each in held] == [
            (DeadlineKind.GLASS_REVIEW, NOW + DAY)
        ]
        worker.raise_due()
        assert not list(pages(store, [GlassReviewOverdue.TOPIC]))
        now = NOW + DAY
        for _ in range(2):
            while worker.read(0) or worker.raise_due():
                pass
            sheet.clear()
        assert len(list(pages(store, [GlassReviewOverdue.TOPIC]))) == 1
        sheet.close()
