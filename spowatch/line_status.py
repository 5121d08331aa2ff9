"""The line in words, for the command line: the last test, and what is on record of each stage."""

from typing import Any
from uuid import UUID

from consumers.line_tester import positions
from domain.line_tests import LineTest, LineTestBegun, StageRecord, stage_stream
from spowatch.log_pages import pages
from spowatch.open_store import Store
from spowatch.wording.plain_words import said


def line_status(store: Store) -> dict[str, Any]:
    """`state` is what the tester put on record: alive, SILENT, retired, or not tested yet."""
    newest = None
    for found in pages(store, [LineTestBegun.TOPIC]):
        newest = found
    test = None
    if newest is not None and isinstance(newest.originator_id, UUID):
        test = store.register.read(LineTest(newest.originator_id)).begun
    stages = sorted({*positions(store.log.bookmarks()), "sweep"})
    return {
        "begun": None if test is None else said(test.begun_at),
        "begun_at": None if test is None else test.begun_at.isoformat(),
        "position": None if newest is None else newest.id,
        "stages": [
            {"stage": each, "state": _state(store, each) if test else "not tested"}
            for each in stages
        ],
    }


def _state(store: Store, stage: str) -> str:
    record = store.register.read(StageRecord(stage_stream(stage)))
    if record.retired:
        return "retired"
    return "SILENT" if record.silent else "alive"
