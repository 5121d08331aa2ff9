import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from domain.consultations import RecordConsulted
from domain.events import Envelope
from domain.glass import AccessDesk
from spowatch.cli.output import BAD_INPUT, REFUSED
from spowatch.log_pages import pages
from spowatch.wiring.store import now
from tests.spowatch.counter import NAME, REF, Counter


def looks(desk: Counter) -> list[tuple[str, str, str]]:
    """What was read, why, and of which order, as it stands on record."""
    with desk.store() as store:
        found = pages(store, [RecordConsulted.TOPIC])
        events = [store.mapper.to_domain_event(each).event for each in found]
    return [(e.what, str(e.purpose), e.reference) for e in events if isinstance(e, RecordConsulted)]


OTHER = "SUSSEX/2026/00002"


def test_an_account_without_a_name_reads_under_its_number(
    desk: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in our own container."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 65_532)
    desk.order_served()
    assert NAME in desk.run("order", "show", REF).out
    with desk.store() as store:
        found = pages(store, [RecordConsulted.TOPIC])
        assert [store.mapper.to_domain_event(each).envelope.actor for each in found] == [
            "uid-65532"
        ]


def test_every_reading_at_the_command_line_is_on_record(desk: Counter, tmp_path: Path) -> None:
    """A briefing tells of every order of the person; each is read, for its own force to see."""
    desk.order_served()
    desk.order_served(ref=OTHER)
    desk.zone_breach()
    desk.at_the_desk()
    alert = str(desk.alert("BREACH_ARREST"))
    assert NAME in desk.run("order", "show", REF, "--purpose", "managing").out
    assert desk.run("alerts", "show", alert, "--purpose", "responding").status == 0
    assert desk.run("alerts", "briefing", alert, "--out", str(tmp_path / "b.pdf")).status == 0
    assert looks(desk) == [
        ("order", "managing", REF),
        ("briefing", "responding", REF),
        ("briefing", "responding", OTHER),
        ("briefing", "not_stated", REF),
        ("briefing", "not_stated", OTHER),
    ]


def test_an_alert_about_broken_glass_has_no_briefing_and_says_whose_it_is(
    desk: Counter, tmp_path: Path
) -> None:
    desk.order_served()
    with desk.store() as store:
        order, at = store.register.order(REF), now()
        by = Envelope(occurred_at=at, recorded_at=at, entered_at=at, actor="77", force="Sussex",
                      subject_id=order.subject_id)  # fmt: skip
        AccessDesk(store.register).break_glass(order, "A woman is in danger at the door", by)
    alert, paper = str(desk.alert("GLASS_BROKEN")), tmp_path / "b.pdf"
    for command in (("show", alert), ("briefing", alert, "--out", str(paper))):
        done = desk.run("alerts", *command)
        assert (done.status, "/access/reviews" in done.err) == (REFUSED, True)
    assert not paper.exists()
    assert not looks(desk)


def test_a_purpose_there_is_not_shows_nothing(desk: Counter) -> None:
    desk.order_served()
    done = desk.run("order", "show", REF, "--purpose", "curious")
    assert done.status == BAD_INPUT
    assert "responding" in done.err
    assert NAME not in done.out
    assert not looks(desk)


@pytest.mark.parametrize("command", [("order", "show", REF)])
def test_what_cannot_be_put_on_record_is_not_shown(desk: Counter, command: tuple[str, ...]) -> None:
    desk.order_served()
    with closing(sqlite3.connect(desk.directory / "log.db", isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        done = desk.run(*command)
        held.execute("ROLLBACK")
    assert done.status == REFUSED
    assert NAME not in done.out
