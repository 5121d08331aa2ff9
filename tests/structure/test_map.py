"""Whoever comes new finds everything: the README names each command and role, the map each page once."""

import re
from pathlib import Path

import pytest
import typer.main

from spowatch.cli.app import app
from spowatch.running.register import EVERY_ROLE
from tests.structure.checkout import ROOT, page

DOCS = ROOT / "docs"
RUNBOOK_PAGES = sorted(DOCS.glob("runbook/Spo*.md"))
"""Listed by the runbook's own front page."""
PAGES = sorted({*DOCS.glob("**/*.md")} - {DOCS / "README.md", *RUNBOOK_PAGES})
LINK = re.compile(r"\]\(([^)#\s]+\.md)\)")
DECISION = re.compile(r"^- (\d+): \[.*\]\(decisions/(\d{4})-.*\.md\)$", re.MULTILINE)


def section(text: str, title: str) -> str:
    """The first cells of that section's table."""
    lines = text.split(f"## {title}\n")[1].split("\n## ", maxsplit=1)[0].splitlines()
    return " ".join(line.split("|")[1] for line in lines if line.startswith("| "))


@pytest.mark.parametrize("name", sorted(typer.main.get_command(app).commands))  # type: ignore[attr-defined]  # of a group of commands
def test_the_readme_names_every_command(name: str) -> None:
    assert re.search(rf"`{name}[ `]", section(page("README.md"), "The command line"))


def test_the_readme_names_no_command_there_is_not() -> None:
    told = re.findall(r"`([a-z-]+) ?", section(page("README.md"), "The command line"))
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # of a group of commands
    steps = {"show", "tail", "check", "who", "retire", "redrive", "discard", "settle"}
    assert set(told) <= known | steps


def test_the_readme_has_every_role_and_no_other() -> None:
    told = re.findall(r"`([a-z-]+)`", section(page("README.md"), "The roles"))
    assert sorted(told) == sorted(EVERY_ROLE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_the_map_of_the_documentation_lists_every_page_once(path: Path) -> None:
    assert LINK.findall(page("docs/README.md")).count(str(path.relative_to(DOCS))) == 1


@pytest.mark.parametrize("path", RUNBOOK_PAGES, ids=lambda path: path.stem)
def test_the_runbook_lists_every_page_of_its_own_once(path: Path) -> None:
    assert LINK.findall(page("docs/runbook/README.md")).count(path.name) == 1


def test_the_decisions_stand_in_the_order_of_their_numbers() -> None:
    listed = [(int(number), int(file)) for number, file in DECISION.findall(page("docs/README.md"))]
    assert listed == sorted(listed)
    assert all(number == file for number, file in listed)
