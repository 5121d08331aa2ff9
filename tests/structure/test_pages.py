import re
from pathlib import Path

import pytest

from domain.refusals import REFUSALS
from spowatch.reference.pages import pages
from tests.structure.checkout import ROOT, page

MADE = re.compile(r"(?:^\s*\$?\s*|`)make ([a-z]+)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
WRITTEN_BY_HAND = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]


def test_a_reference_page_says_what_the_code_says() -> None:
    drifted = [name for name, text in pages().items() if page(f"docs/reference/{name}") != text]
    assert not drifted


def test_every_setting_says_what_it_means() -> None:
    rows = re.findall(
        r"^\| `(SPO_\w+)` .*\| (.*) \|$", page("docs/reference/settings.md"), re.MULTILINE
    )
    assert len(rows) > 50
    assert [name for name, meaning in rows if not meaning] == []


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_refusal_has_its_line_its_section_and_its_sentence(code: str) -> None:
    refusal = REFUSALS[code]
    assert re.fullmatch(r"[A-Z][A-Z0-9_]+", code)
    assert refusal.section
    assert refusal.sentence.endswith(".")
    assert f"| `{code}` | {refusal.section} |" in page("docs/reference/refusals.md")


@pytest.mark.parametrize("path", WRITTEN_BY_HAND, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_names_only_what_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", page("Makefile"), re.MULTILINE))
    assert set(MADE.findall(text)) <= targets
    broken = [link for link in LINK.findall(text) if not path.parent.joinpath(link).exists()]
    assert not broken


def test_every_picture_of_a_screen_is_shown_and_at_both_widths() -> None:
    taken = {path.name for path in (ROOT / "docs" / "pictures").glob("*.png")}
    shown = set(re.findall(r"\(pictures/([^)]+)\)", page("docs/screens.md")))
    desks = {name.removesuffix("-desktop.png") for name in taken if name.endswith("-desktop.png")}
    assert taken == shown == {f"{each}-{at}.png" for each in desks for at in ("desktop", "phone")}
