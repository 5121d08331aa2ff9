"""Diary, audit pack, statistics, health and help: what they say, for whom, and what they leave on record."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from domain.disclosures import ListConsulted, ListDisclosed
from domain.refusals import REFUSALS
from tests.stories import fact
from tests.web.reading.conftest import ago, told
from tests.web.site import Caller, Site, order_in_force
from web.help_pages import TOPICS

TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def supervisor(force_at_work: Site) -> Caller:
    return Caller(force_at_work, "31", "Kent", "supervisor")


def section(page: str, name: str) -> str:
    return page.split(f'id="{name}"')[1].split("</section>", maxsplit=1)[0]


def test_the_diary_shows_hearings_and_a_gap_before_one(
    force_at_work: Site, supervisor: Caller
) -> None:
    hearing, ends = TODAY + timedelta(days=9), TODAY + timedelta(days=6)
    interim = fact(
        "InterimOrderGranted", ago(days=5), last_day=ends.isoformat(), defendant_present=True,
        conditions=[{"code": "P-CONTACT-DIRECT", "wording": "No contact."}],
    )  # fmt: skip
    listed = fact("HearingListed", ago(days=4), on=hearing.isoformat())
    told(force_at_work, "KENT-2026-41", order_in_force()[0], interim, listed)
    page = supervisor.get("/diary").text
    assert page.count("KENT-2026-41") == 4
    assert page.count("Gap in protection") == 2
    assert "KENT-2026-4" in section(page, "unserved")
    later = supervisor.get(f"/diary?first={hearing + timedelta(days=1)}&last={hearing + timedelta(days=9)}")  # fmt: skip
    assert "KENT-2026-41" not in section(later.text, "days")
    assert "ESSEX" not in page


@pytest.mark.parametrize("asked", ["first=2026-02-30", "first=2026-12-02&last=2026-12-01", "last=%00"])  # fmt: skip
def test_days_that_cannot_be_shown_are_refused_with_what_to_do(
    supervisor: Caller, asked: str
) -> None:
    answer = supervisor.get(f"/diary?{asked}")
    assert answer.status_code == 422
    assert "There is a problem" in answer.text


def test_the_audit_pack_finds_what_nobody_did(supervisor: Caller) -> None:
    page = supervisor.get("/reports/audit").text
    for name, reference in (
        ("unserved", "KENT-2026-4"),
        ("un_notified", "KENT-2026-1"),
        ("unchecked", "KENT-2026-3"),
        ("unactioned", "KENT-2026-5"),
    ):
        assert f">{reference}<" in section(page.split("spo-tiles")[1].split("</ul>", 1)[1], name)
    assert "ESSEX" not in page


def test_the_pack_as_a_file_holds_the_same_and_is_on_record(
    force_at_work: Site, supervisor: Caller
) -> None:
    before = len(force_at_work.recorded(ListDisclosed.TOPIC))
    rows = list(csv.DictReader(StringIO(supervisor.post("/reports/audit/file").text)))
    found = {(row["\ufeffsection"], row["order"]) for row in rows}
    assert ("un_notified", "KENT-2026-1") in found
    assert len(force_at_work.recorded(ListDisclosed.TOPIC)) == before + 1


def test_lists_are_on_record_or_not_shown(force_at_work: Site, supervisor: Caller) -> None:
    before = len(force_at_work.recorded(ListConsulted.TOPIC))
    for path in ("/diary", "/reports/audit"):
        assert supervisor.get(path).status_code == 200
    assert len(force_at_work.recorded(ListConsulted.TOPIC)) == before + 2
    with force_at_work.nobody_can_write():
        answers = [supervisor.get(path) for path in ("/diary", "/reports/audit")]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert not [answer for answer in answers if "KENT-2026" in answer.text]


def test_statistics_are_those_for_publication_beside_what_was_published(
    supervisor: Caller,
) -> None:
    page = supervisor.get("/reports/statistics").text
    kent = page.split('scope="row" class="govuk-table__header">Kent')[1].split("</tr>")[0]
    applied = kent.split('spo-number">')[1].split("<")[0]
    assert applied == "c" or int(applied) % 5 == 0
    assert "BBC Shared Data Unit" in page
    text = supervisor.get("/reports/statistics?form=csv").text
    assert next(csv.reader(StringIO(text)))[1] == "applied"
    assert "All forces" in text


def test_health_says_how_far_each_stage_is_and_names_nobody(
    force_at_work: Site, supervisor: Caller
) -> None:
    page = supervisor.get("/reports/health").text
    assert "order_register" in page
    assert "KENT-2026" not in page
    assert Caller(force_at_work, "6", "Kent", "operator").get("/reports/health").status_code == 403


def test_every_refusal_has_its_place_in_help_and_every_topic_its_page(supervisor: Caller) -> None:
    for topic in TOPICS:
        assert supervisor.get(f"/help/{topic}").status_code == 200
    page = supervisor.get("/help/refusals").text
    assert not [code for code in REFUSALS if f'id="{code}"' not in page]
    assert supervisor.get("/help/nothing").status_code == 404
    assert supervisor.get("/help/..%2f..%2fetc").status_code == 404
