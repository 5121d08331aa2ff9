"""In Welsh every page is in Welsh: what stays English, instructions and records, says that it is."""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from http import HTTPStatus

import pytest
from playwright.sync_api import Page, expect

from domain.refusals import REFUSALS
from tests.web.everybody import RUN
from tests.web.reading.conftest import READING, assigned, told, unnotified, unserved
from tests.web.site import Caller, Site, site_at
from tests.web.test_another_force import lines, listening
from tests.web.walks import complaints
from web.catalogues import TRANSLATED, stored, untranslated
from web.help_pages import TOPICS
from web.language import WELSH, _, speaking
from web.speaking import COOKIE

_SHOWN = """() => {
  const english = (node) => node.closest('[lang]').lang !== 'cy'
  const told = [document.title]
  for (const each of document.querySelectorAll('[aria-label]')) {
    if (!english(each)) told.push(each.getAttribute('aria-label'))
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const around = texts.currentNode.parentElement
    if (around.closest('script, style') || english(around)) continue
    told.push(texts.currentNode.data)
  }
  return told.map((each) => each.replace(/\\s+/g, ' ').trim()).filter(Boolean)
}"""
_PLACE = re.compile(r"%\\\(\w+\\\)s")
PATHS = {
    "operator": ("/board?kind=protect", "/board/lists/waiting?kind=protect", "/board/lists/in-hand", "/shift", "/holds", "/people", "/no-such-page", "/break-glass"),
    "supervisor": ("/caseload?whose=force", "/diary", "/reports", "/reports/audit", "/reports/statistics",
                   "/audit/consultations", "/access/reviews", "/access/linked", "/caseload"),
    "court_liaison": ("/record", "/orders/KENT-CY-1/record", "/orders/KENT-CY-3/record/report-breach", "/orders/KENT-CY-1/record/serve", "/you", "/help", *(f"/help/{topic}" for topic in TOPICS)),
    "ops": ("/reports/health",),
}  # fmt: skip


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_at(tmp_path_factory.mktemp("welsh"), roles=READING) as site:
        told(site, "KENT-CY-1", *unnotified(), assigned())
        told(site, "KENT-CY-2", *unserved())
        for reference in ("KENT-CY-3", "KENT-CY-4"):
            site.order(reference, markers=["knife"])
            site.breach(reference)
            site.alert(reference)
        yield site


@pytest.mark.parametrize("role", PATHS)
def test_a_page_in_welsh_holds_no_english(lived_in: Site, page: Page, role: str) -> None:
    heard = complaints(page)
    _signed_in(page, lived_in, role)
    for path in PATHS[role]:
        _open(page, lived_in.address + path)
        assert _english(page) == [], path
    assert [each for each in heard if "status of" not in each] == []


def test_an_alert_and_all_that_is_done_on_it_are_in_welsh(lived_in: Site, page: Page) -> None:
    _signed_in(page, lived_in, "operator")
    page.locator("[data-row] a").first.click()
    page.wait_for_url("**/alerts/*")
    page.locator('form[action$="/acknowledge"] button').first.click()
    expect(page.locator('form[action$="/task"]')).to_be_visible()
    assert _english(page) == []
    page.locator('form[action$="/task"] button').first.click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    assert _english(page) == []
    page.locator('main a[href^="/orders/"]').first.click()
    expect(page.locator("h1")).to_contain_text("KENT-CY")
    assert _english(page) == []


def test_a_live_board_stays_welsh_and_is_for_everybody(
    lived_in: Site, page: Page, axe_source: str
) -> None:
    """A row that comes by the stream is in the language of the board it comes to."""
    _signed_in(page, lived_in, "operator")
    expect(page.locator("[data-live]")).to_have_text("Byw")
    lived_in.order("KENT-CY-LIVE")
    lived_in.breach("KENT-CY-LIVE")
    fresh = page.locator("[data-row]", has_text="KENT-CY-LIVE")
    expect(fresh).to_contain_text("Torri'r gorchymyn")
    expect(fresh).to_contain_text("yn ôl")
    assert _english(page) == []
    page.evaluate(axe_source)
    assert page.evaluate(RUN) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_where_an_order_stands_and_why_something_was_refused_are_said_in_welsh(
    lived_in: Site,
) -> None:
    clerk = Caller(lived_in, role="court_liaison")
    spoken = {"Cookie": f"{clerk.cookie}; {COOKIE}={WELSH}"}
    tasks = clerk.get("/orders/KENT-CY-1/record", **spoken).text
    unknown = clerk.get("/orders/KENT-NONE", **spoken).text
    with speaking(WELSH):
        for words, seen in ((_("Full order made"), tasks), (_(REFUSALS["UNKNOWN_ORDER"].sentence), unknown)):  # fmt: skip
            assert words in unescape(seen)
    assert "full granted" not in tasks


def test_a_domestic_abuse_protection_order_has_one_name_in_welsh() -> None:
    for message in stored(WELSH):
        said = str(message.string).casefold()
        assert "dapo" not in said
        if "domestic abuse protection" in str(message.id).casefold():
            assert "gorchymyn amddiffyn rhag cam-drin domestig" in said


@pytest.mark.parametrize("name", TRANSLATED)
def test_no_text_waits_for_a_translator(name: str) -> None:
    assert list(untranslated(name)) == []


def _signed_in(page: Page, site: Site, role: str) -> None:
    page.goto(f"{site.address}/sign-in")
    page.get_by_role("link", name="Cymraeg").click()
    expect(page.locator("html")).to_have_attribute("lang", WELSH)
    assert _english(page) == []
    page.locator("#role").select_option(role)
    page.locator("#force").select_option("Kent")
    page.locator("main button").click()
    expect(page).not_to_have_url(re.compile("/sign-in"))
    expect(page.locator("h1")).to_be_visible()


def _open(page: Page, address: str) -> None:
    """The page, once its list is made from the log."""
    while (
        answer := page.goto(address)
    ) is not None and answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
        page.wait_for_timeout(100)


def _english(page: Page) -> list[str]:
    """What stands on the page as it was written, though the catalogue has it in Welsh."""
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == WELSH
    shown: list[str] = page.evaluate(_SHOWN)
    plain, naming = _written()
    return [text for text in shown if text in plain or naming.fullmatch(text)]


@cache
def _written() -> tuple[frozenset[str], re.Pattern[str]]:
    """Each English text of the catalogue; those that name values, with anything in their place."""
    texts = frozenset(_differing())
    naming = [_PLACE.sub(".+", re.escape(text)) for text in texts if "%(" in text]
    return texts, re.compile("|".join(naming))


def _differing() -> Iterator[str]:
    for message in stored(WELSH):
        one, *more = (message.id,) if isinstance(message.id, str) else message.id
        if one and message.string != one:
            yield from (one, *more)


def test_a_board_goes_on_in_its_language_when_another_page_changes_it(lived_in: Site) -> None:
    english, welsh = Caller(lived_in, "31"), Caller(lived_in, "31")
    welsh.cookie = f"{english.cookie}; {COOKIE}={WELSH}"
    for page, now, word in ((welsh, english, "Cydnabod"), (english, welsh, "Acknowledge")):
        (stream,) = re.findall(r'data-stream="([^"]+)after=', page.get("/board").text)
        with listening(now, f"{unescape(stream)}after=-1") as here:
            assert word in lines(here, '"html"')[-1]
