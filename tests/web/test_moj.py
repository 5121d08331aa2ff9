"""Our ports of the Ministry of Justice's components, against what its own release 11.1.0 renders.

`moj_rendered.json` is made from `moj_cases.json` by `web/ui/moj.mjs`, with their templates.
"""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import ChainableUndefined, Environment, PackageLoader

HERE = Path(__file__).parent
THEIRS: list[dict[str, Any]] = json.loads((HERE / "moj_rendered.json").read_text("utf-8"))
Node = tuple[str, ...]
PAGES = Environment(loader=PackageLoader("web"), autoescape=True, undefined=ChainableUndefined)


class _Nodes(HTMLParser):
    """What a browser makes of a page: elements, their attributes in any order, and words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Node] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(("<", tag, *sorted(f"{name}={value}" for name, value in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((">", tag))

    def handle_data(self, data: str) -> None:
        if words := " ".join(data.split()):
            self.found.append(("words", words))


def nodes(html: str) -> list[Node]:
    parser = _Nodes()
    parser.feed(html)
    return parser.found


@pytest.mark.parametrize("theirs", THEIRS, ids=lambda case: case["macro"])
def test_a_component_is_what_its_owner_renders(theirs: dict[str, Any]) -> None:
    source = f'{{% from "moj.html" import {theirs["macro"]} %}}{{{{ {theirs["macro"]}(params) }}}}'
    assert nodes(PAGES.from_string(source).render(params=theirs["params"])) == nodes(theirs["html"])


def test_every_case_was_rendered() -> None:
    asked = json.loads((HERE / "moj_cases.json").read_text("utf-8"))
    assert asked == [{k: v for k, v in each.items() if k != "html"} for each in THEIRS]


def test_another_class_is_seen() -> None:
    assert nodes('<p class="a">x</p>') != nodes('<p class="b">x</p>')
