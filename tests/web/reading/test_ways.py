"""No page leads anybody where their role may not go: every link of every page is followed."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest

from tests.web.site import Caller, Site

_LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)')
_ONE_OF_MANY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(KENT|ESSEX)-\d+-\d+|(?<=/record/)[a-z-]+|(?<=/help/)[a-z]+")  # fmt: skip
_NOT_A_PAGE = ("/static/", "/language/")


@pytest.mark.parametrize("role", ["operator", "court_liaison", "reviewer", "ops"])
def test_every_link_leads_to_a_page_that_is_open_to_them(force_at_work: Site, role: str) -> None:
    caller = Caller(force_at_work, "77", "Kent", role)
    # A reviewer's board tells what is open, as every board does; they are briefed on none of it.
    seen = {"/you", "/board"} if role == "reviewer" else {"/you"}
    closed: list[str] = []
    waiting = [("", "/you"), *(("", path) for path in _known(role))]
    while waiting:
        led_from, path = waiting.pop()
        answer = caller.get(path)
        if answer.status_code in {403, 404}:
            closed.append(f"{led_from} leads to {path}: {answer.status_code}")
        for link in _links(answer.text, path) if answer.ok else ():
            kind = _ONE_OF_MANY.sub("*", urlsplit(link).path)
            if kind not in seen:
                seen.add(kind)
                waiting.append((path, link))
    assert not closed
    assert len(seen) > 3


def _known(role: str) -> list[str]:
    """Pages that some find by what they were sent, and not by a link."""
    return [] if role == "ops" else ["/orders/KENT-2026-5"]


def _links(page: str, path: str) -> Iterator[str]:
    for href in _LINK.findall(page):
        link = urljoin(path, unescape(href))
        if link.startswith("/") and not link.startswith(_NOT_A_PAGE):
            yield link
