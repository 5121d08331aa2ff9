"""The requests printed in the documents are answered as printed, in the order they are printed."""

import re
from collections.abc import Iterator
from pathlib import Path

import requests

from tests.program import PATIENCE
from tests.web.callers import ApiProgram
from tests.web.site import Site

ROOT = Path(__file__).parents[2]
PAGES = ("docs/how-to/enter-an-order.md", "docs/how-to/report-a-breach.md")
_BLOCK = re.compile(
    r"```http\n([A-Z]+) /api/v1(\S+)\n((?:[\w-]+: .*\n)*)\n((?:.+\n)*)\n?(\d{3})\n```"
)


def printed(page: str) -> Iterator[tuple[str, str, dict[str, str], bytes, int]]:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = _BLOCK.findall(text)
    assert len(found) == text.count("```http")
    for method, path, headers, body, status in found:
        named = dict(line.split(": ", 1) for line in headers.splitlines())
        yield method, path, named, body.encode(), int(status)


def test_every_request_of_the_pages_is_answered_as_they_say(site: Site) -> None:
    program = ApiProgram(site)
    for page in PAGES:
        for method, path, headers, body, status in printed(page):
            told = program.token | {"Content-Type": "application/json"} | headers
            answer = requests.request(
                method, program.address(path), headers=told, data=body, timeout=PATIENCE
            )
            assert answer.status_code == status, (page, path, answer.text)
    assert site.alert("KENT-DOC-1").version == 5  # derived from cause and rule
