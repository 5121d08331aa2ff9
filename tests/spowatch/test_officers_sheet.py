import io
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from domain.calendar import end_of, legal_day
from domain.desk.case_file import case_file
from spowatch.briefing.as_recorded import spoken_at
from spowatch.briefing.pdf import typeset
from spowatch.briefing.sheet import SHOWN, sheet
from spowatch.cli.output import BAD_INPUT, DONE, REFUSED
from spowatch.wiring.store import now
from tests.program import environment
from tests.spowatch.counter import ACCOUNT, HER_NUMBER, NAME, VICTIM, ZONE, Counter

LONG = "He shall not write, call or send anything, directly or through others. "


def words(page: bytes) -> str:
    """Every word of the PDF in reading order, one blank between each."""
    return " ".join(" ".join(words_by_page(page)).split())


def words_by_page(page: bytes) -> list[str]:
    return [each.extract_text() for each in PdfReader(io.BytesIO(page)).pages]


def printed(desk: Counter, kind: str = "BREACH_ARREST", *options: str) -> bytes:
    """What the command puts into a file."""
    file = desk.directory / "sheet.pdf"
    said = desk.run("alerts", "briefing", str(desk.alert(kind)), "--out", str(file), *options)
    assert said.status == DONE, said.err
    return file.read_bytes()


def tags(page: bytes) -> list[str]:
    """The tag of every element of the document's structure, in reading order."""
    found: list[str] = []
    waiting: list[Any] = [PdfReader(io.BytesIO(page)).root_object["/StructTreeRoot"]]
    while waiting:
        element = waiting.pop()
        element = element.get_object() if hasattr(element, "get_object") else element
        if isinstance(element, ArrayObject):
            waiting += reversed(element)
        elif isinstance(element, DictionaryObject):
            found += [str(element["/S"])] if "/S" in element else []
            waiting += [element["/K"]] if "/K" in element else []
    return found


@pytest.fixture
def breach(desk: Counter) -> Counter:
    desk.order_served()
    desk.zone_breach()
    desk.at_the_desk()
    return desk


def test_the_sheet_holds_what_an_arrest_rests_on(breach: Counter) -> None:
    told = words(printed(breach))

    assert "P1 BREACH_ARREST P-ZONE-DIST" in told
    assert f'"{ZONE["wording"]}"' in told
    assert "Proof of service MG11-7" in told
    assert "in person, proven" in told
    assert "SPA 2019 s.8(1), PNLD H20164" in told
    assert f"Name {NAME}" in told
    assert ACCOUNT in told
    assert [told.count(f"☐ s.24(5)({each})") for each in "abcdef"] == [1] * 6
    assert "☐ identity" in told
    assert "does not order an arrest" in told


def test_what_is_doubtful_stands_under_a_heading_of_its_own(desk: Counter) -> None:
    desk.order_served()
    desk.tell(
        "BreachReported", desk.ago(minutes=1), condition="P-ZONE-DIST", measured_m=41.0,
        occurred_at=desk.ago(minutes=20), place="Maidstone", source="tag",
    )  # fmt: skip
    desk.at_the_desk()

    told = words(printed(desk))

    assert "WHAT IS DOUBTFUL the distance was measured, its error was not stated WHO" in told


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (None, "no service of the order is on record"),
        ("post", "service of the order is deemed or unproven"),
    ],
)
def test_a_service_not_proven_is_doubtful_whatever_the_alert_is(
    desk: Counter, method: str | None, said: str
) -> None:
    desk.order_made()
    if method is not None:
        desk.tell("OrderServed", desk.ago(hours=20), method=method)
    desk.zone_breach()
    desk.at_the_desk()

    told = words(printed(desk, "BREACH_REVIEW_UNSERVED"))

    doubtful = told[told.index("WHAT IS DOUBTFUL") : told.index("WHO Name")]
    assert said in doubtful


def test_a_screen_reader_finds_headings_and_lists(breach: Counter) -> None:
    page = printed(breach)
    read = PdfReader(io.BytesIO(page))
    root: dict[str, Any] = read.root_object

    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert read.xmp_metadata is not None
    assert "<pdfuaid:part>1</pdfuaid:part>" in read.xmp_metadata.rdf_root.toxml()
    found = tags(page)
    assert found.count("/H1") == 1
    assert found.count("/H2") == 9
    assert {"/L", "/LI", "/Lbl", "/LBody", "/P"} <= set(found)


def test_the_same_alert_is_the_same_sheet_to_the_byte(breach: Counter) -> None:
    first = printed(breach)
    identity = str(breach.alert("BREACH_ARREST"))
    command = [sys.executable, "-m", "spowatch", "alerts", "briefing", identity, "--out", "-"]

    elsewhere = subprocess.run(
        [*command, "--data-dir", str(breach.directory)],
        capture_output=True, check=True, env=environment({}),
    )  # fmt: skip

    assert printed(breach) == first
    assert elsewhere.stdout == first


def test_what_the_desk_does_with_the_alert_leaves_its_sheet_alone(breach: Counter) -> None:
    first = printed(breach)
    taken = breach.run("desk", "acknowledge", str(breach.alert("BREACH_ARREST")), "--as", "K1001")
    assert taken.status == DONE

    assert printed(breach) == first


def test_a_new_fact_is_a_new_sheet(breach: Counter) -> None:
    first = printed(breach)
    breach.tell("CustodyStarted", breach.ago(seconds=5), kind="remand", establishment="Medway")

    told = printed(breach)

    assert told != first
    assert "IN CUSTODY at Medway" in words(told)


def test_an_order_that_ran_out_by_the_clock_alone_is_not_said_to_be_in_force(
    desk: Counter,
) -> None:
    last_day = legal_day(now()) + timedelta(days=5)
    made_on = desk.ago(days=1000)[:10]
    desk.order_made(until=None, made_on=made_on, last_day=last_day.isoformat())
    desk.zone_breach()
    desk.at_the_desk()
    with desk.store() as store:
        found = case_file(store.register, desk.alert("BREACH_REVIEW_UNSERVED"))
    ends = end_of(last_day)

    def at(instant: Any) -> Any:
        return spoken_at(found.alert, found.person_orders, instant)

    assert at(ends - timedelta(seconds=1)) < ends - timedelta(seconds=1)
    assert at(ends) == ends
    assert at(ends + timedelta(days=30)) < ends + timedelta(days=30)


def test_the_longest_term_is_there_to_its_last_word(desk: Counter) -> None:
    term = ZONE | {"wording": LONG * 280 + "And this is the end of it."}
    desk.order_served(term)
    desk.zone_breach()
    desk.at_the_desk()

    page = printed(desk)

    assert len(words_by_page(page)) > 5
    told = words(page)
    assert told.count(LONG.strip()) >= 270  # some are broken by the foot of a page
    assert "And this is the end of it." in told
    assert all("OFFICIAL-SENSITIVE" in each for each in words_by_page(page))
    assert len(page) < 300_000


def told_with(name: str, briefing: dict[str, Any]) -> str:
    subject = briefing["subject"] | {"name": name}
    return words(typeset(sheet(briefing | {"subject": subject})))


def test_welsh_letters_are_printed_as_they_are_written(breach: Counter) -> None:
    briefing = breach.briefed("BREACH_ARREST")

    assert "Llŷr Ŵyn ab Owain-Glyndŵr Ẁỳ" in told_with("Llŷr Ŵyn ab Owain-Glyndŵr Ẁỳ", briefing)


def test_a_letter_the_fonts_lack_is_printed_as_its_number(breach: Counter) -> None:
    briefing = breach.briefed("BREACH_ARREST")

    assert "[U+4E2D] Zhōng \ufffdx" in told_with("中 Zhōng \u202ex", briefing)


def test_every_letter_said_to_be_shown_can_be(breach: Counter) -> None:
    letters = "".join(chr(each) for first, last in SHOWN for each in range(first, last + 1))
    line = {"kind": "row", "label": letters, "words": [letters]}
    page = sheet(breach.briefed("BREACH_ARREST"))

    assert typeset(page | {"sections": [{"heading": letters, "lines": [line]}]})


def test_words_that_look_like_markup_are_words(breach: Counter) -> None:
    nasty = "#panic() *bold* $x$ <label> \\ `raw` //no"

    assert nasty in told_with(nasty, breach.briefed("BREACH_ARREST"))


def test_the_protected_person_is_on_a_last_page_and_only_when_asked_for(breach: Counter) -> None:
    alone, with_them = printed(breach), printed(breach, "BREACH_ARREST", "--with-protected")

    assert not [each for each in (VICTIM, HER_NUMBER) if each in words(alone)]
    assert "Named on the order 1" in words(alone)
    *sheet_pages, last = words_by_page(with_them)
    assert VICTIM in last
    assert HER_NUMBER in last
    assert NAME not in last
    assert "WHERE THIS COMES FROM" not in last
    assert not [each for each in (VICTIM, HER_NUMBER) if each in " ".join(sheet_pages)]


def test_a_withdrawn_alert_says_so_before_all_else(breach: Counter) -> None:
    breach.tell("BreachRetracted", breach.ago(seconds=1), incident="CAD-1", reason="wrong_person")
    breach.at_the_desk()

    told = words(printed(breach))

    assert told.index("WITHDRAWN: report retracted. Stand down.") < told.index("Consider arrest")


def test_a_sheet_from_training_says_so_on_every_page(breach: Counter) -> None:
    page = typeset(sheet(breach.briefed("BREACH_ARREST"), training=True))

    assert all("TRAINING" in each for each in words_by_page(page))


def test_an_erased_person_still_has_a_sheet(breach: Counter) -> None:
    breach.erase()

    assert NAME not in words(printed(breach))


def test_a_missed_notification_has_its_sheet_too(desk: Counter) -> None:
    desk.order_made()
    desk.tell("OrderServed", desk.ago(days=10), method="in_person")
    desk.at_the_desk()

    told = words(printed(desk, "MISSED_INITIAL"))

    assert "WHAT WAS NOT NOTIFIED" in told
    assert "PNLD H20165" in told


def test_only_its_owner_may_read_the_file(breach: Counter) -> None:
    printed(breach)

    assert (breach.directory / "sheet.pdf").stat().st_mode & 0o777 == 0o600


def test_without_a_name_the_file_is_called_after_the_alert(
    breach: Counter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    identity = str(breach.alert("BREACH_ARREST"))

    said = breach.run("alerts", "briefing", identity[:8], "--json").json

    assert said["file"] == f"briefing-{identity[:8]}.pdf"
    assert Path(said["file"]).read_bytes().startswith(b"%PDF-")


def test_a_file_that_cannot_be_written_is_said_and_nothing_is_left(breach: Counter) -> None:
    identity = str(breach.alert("BREACH_ARREST"))
    nowhere = breach.directory / "none" / "sheet.pdf"

    said = breach.run("alerts", "briefing", identity, "--out", str(nowhere))
    onto_a_folder = breach.run("alerts", "briefing", identity, "--out", str(breach.directory))

    assert (said.status, onto_a_folder.status) == (REFUSED, REFUSED)
    assert f"cannot write {nowhere}: No such file or directory" in said.err
    assert not list(breach.directory.parent.glob(".briefing-*"))


def test_a_pdf_is_not_put_among_json(breach: Counter) -> None:
    identity = str(breach.alert("BREACH_ARREST"))

    said = breach.run("alerts", "briefing", identity, "--out", "-", "--json")

    assert said.status == BAD_INPUT
    assert "--out FILE" in said.err


def test_an_alert_nobody_raised_has_no_sheet(breach: Counter) -> None:
    said = breach.run("alerts", "briefing", "00000000")

    assert said.status == REFUSED
    assert "no alert" in said.err
