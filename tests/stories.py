"""The lives of a few orders, told in the vocabulary of facts, for tests that need a whole store."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.commands import Answer
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from spowatch.facts_file import Line
from spowatch.importing import Outcome, import_line
from spowatch.open_store import Store
from spowatch.running.register import role
from spowatch.wiring.store import migrate, opened, sweep, throw_away

NOW = datetime(2026, 12, 6, 12, 0, tzinfo=UTC)
"""A moment after everything told here."""

Fact = dict[str, Any]


def fact(kind: str, t: str, **data: Any) -> Fact:
    return {"t": t, "type": kind, "data": data}


def served_order() -> list[Fact]:
    """Applied for, granted with two terms, served in person, and notified in time."""
    return [
        fact(
            "ApplicationMade",
            "2026-10-01T10:00:00+01:00",
            applicant="chief_officer",
            force="Kent",
            nexus="resides",
            defendant_age=34,
            court="magistrates",
            defendant={"name": "Alan Example", "born": "1992-03-04"},
            protected=[{"name": "Vera Sample", "relationship": "former_partner"}],
        ),
        fact(
            "FullOrderGranted",
            "2026-11-20T14:00:00+00:00",
            made_on="2026-11-20",
            last_day="2029-11-19",
            defendant_present=False,
            conditions=[
                {"code": "P-CONTACT-DIRECT", "wording": "Not to contact Vera Sample by any means."},
                {"code": "P-ZONE-DIST", "metres": 200, "around": "12 Hidden Lane, Maidstone"},
            ],
        ),
        served(),
        fact(
            "NotificationReceived",
            "2026-11-21T16:00:00+00:00",
            by="defendant",
            method="in_person_oral",
            station_area="home_address_area",
            names=["Alan Example"],
            home_address="1 High Street, Chatham",
        ),
    ]


def served() -> Fact:
    return fact(
        "OrderServed",
        "2026-11-20T15:30:00+00:00",
        order_kind="full",
        replaces_interim=False,
        method="in_person",
    )


def unnotified_order() -> list[Fact]:
    return served_order()[:-1]


def breach(at: str = "2026-12-05T21:00:00+00:00", **data: Any) -> Fact:
    """A contact breach, reported ten minutes before noon of the next day at the latest."""
    given = {"condition": "P-CONTACT-DIRECT", "source": "victim", "occurred_at": at} | data
    return fact("BreachReported", given.pop("t", "2026-12-05T21:10:00+00:00"), **given)


@contextmanager
def store_at(directory: Path) -> Iterator[Store]:
    """A store made there if there is none, opened."""
    settings = throw_away(directory)
    migrate(settings)
    with opened(settings) as store:
        yield store


def tell(store: Store, order: str, *facts: Fact, now: datetime = NOW, **case: Any) -> Outcome:
    """State the facts on that order as `import` would."""
    return import_line(
        Line(1, case={"order": order, "given": list(facts), **case}), store.register, now=now
    )


def answers(outcome: Outcome) -> list[Answer]:
    assert outcome.error is None, outcome.error
    return list(outcome.answers)


def work_until_idle(store: Store, *roles: str) -> list[dict[str, Any]]:
    """Let the roles do all there is to do, in turn; what the console said anew."""
    said: list[dict[str, Any]] = []
    busy = True
    while busy:
        busy = False
        for name in roles:
            if name == "sweep":
                busy |= _swept(store)
                continue
            with role(name, store, said.append) as work:
                while work(0):
                    busy = True
    return said


def _swept(store: Store) -> bool:
    sheet = SqliteDeadlineSheet(store.settings.sheets_path)
    worker = sweep(store, sheet)
    read = told = 0
    while (found := worker.read(0)) or (raised := worker.raise_due()):
        read, told = read + found, told + (0 if found else raised)
    sheet.close()
    return bool(read or told)
