"""A force at work, read by the pages: cases in every queue, on one site for all tests of a module."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep

import pytest

from spowatch.pipeline import pipeline
from spowatch.sheet_names import SheetName
from tests.program import PATIENCE
from tests.stories import fact, tell
from tests.web.site import Caller, Fact, Site, order_in_force, site_at

READING = ("alert", "api", "project", "sweep")
OFFICER = "4711"


def ago(**spell: float) -> str:
    return (datetime.now(UTC) - timedelta(**spell)).isoformat()


def assigned(officer: str = OFFICER) -> Fact:
    return fact("OfficerAssigned", ago(days=18), officer=officer)


def told(
    site: Site, reference: str, *facts: Fact, force: str = "Kent", person: str | None = None
) -> str:
    """Told, and read by every sheet: a page waits a quarter of a second for that, and then shows what there is."""
    now, about = datetime.now(UTC), person or reference
    outcome = tell(site.store, reference, *facts, now=now, force=force, person=about)
    assert not outcome.refused, outcome.refused
    shown(site)
    return reference


def shown(site: Site) -> None:
    """Once every sheet is as far as the log is now."""
    head, deadline = site.store.log.max_notification_id() or 0, monotonic() + PATIENCE
    while set(SheetName) - {
        e.name for e in pipeline(site.store).sheets if (e.position or 0) >= head
    }:
        assert monotonic() < deadline, "the sheets stay behind"
        sleep(0.02)


def unnotified(force: str = "Kent", **defendant: object) -> list[Fact]:
    return order_in_force(force, **defendant)[:-1]


def unserved(force: str = "Kent") -> list[Fact]:
    return order_in_force(force)[:2]


def up_to_date(force: str = "Kent") -> list[Fact]:
    facts = order_in_force(force)
    facts[-1]["data"]["acknowledgement_issued"] = True
    return [*facts, fact("AddressVisit", ago(days=10), result="seen")]


@pytest.fixture(scope="session")
def force_at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_at(tmp_path_factory.mktemp("reading"), roles=READING) as site:
        told(site, "KENT-2026-1", *unnotified(), assigned())
        told(site, "KENT-2026-2", *up_to_date(), assigned())
        told(site, "KENT-2026-3", *order_in_force("Kent", name="Ryan Mercer", aliases=["Ry"]))
        told(site, "KENT-2026-4", *unserved())
        told(site, "ESSEX-2026-1", *unnotified("Essex", name="Owen Other"), force="Essex")
        told(site, "KENT-2026-5", *up_to_date())
        site.breach("KENT-2026-5")
        site.alert("KENT-2026-5")
        shown(site)
        yield site


@pytest.fixture(scope="session")
def reader(force_at_work: Site) -> Caller:
    return Caller(force_at_work, OFFICER, "Kent", "offender_manager")
