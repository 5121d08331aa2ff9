"""The table of docs/reference/asvs.md holds: each number once, and everything it points at is there."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.structure.checkout import ROOT, page, sources, tree, where

PAGE = "docs/reference/asvs.md"
APPLICABLE = 246
"""L1 and L2 of ASVS 5.0 without its chapter 17, WebRTC."""
ROW = re.compile(
    r"^\| (\d[\d., ]*) \| (.+) \| (met|partly|not|not applicable) \| (.*) \|$", re.MULTILINE
)
SHOWN = re.compile(r"`([\w./*-]+\.\w+)(?:::(\w+))?`")

RUNS_WORDS = {"eval", "exec", "compile", "__import__"}
"""Built-in functions that take text for a program."""
RUNS_BYTES = {"subprocess", "pickle", "shelve", "marshal", "ctypes", "xml.sax", "xml.dom"}
"""Modules that start programs, read objects from bytes, or parse XML with what it names elsewhere."""
WEAK = {"md5", "sha1", "ECB", "ARC4", "TripleDES", "PKCS1v15"}
CHANCE = {"random", "Random"}
"""Chance that can be foretold."""
INVENTED = ("spowatch/caseload/", "spowatch/demo/desk.py")
"""The invented caseload; the same seed tells the same story."""


def rows() -> list[tuple[list[str], str, str]]:
    """Numbers, state, and what shows it."""
    return [
        (numbers.split(", "), state, shown) for numbers, _, state, shown in ROW.findall(page(PAGE))
    ]


def by_a_test(shown: str) -> bool:
    return any(test for _, test in SHOWN.findall(shown))


def test_every_number_is_answered_once() -> None:
    counted = Counter(number for numbers, _, _ in rows() for number in numbers)
    assert not [number for number, times in counted.items() if times > 1]
    assert not [number for number in counted if not re.fullmatch(r"\d+\.\d+\.\d+", number)]
    assert not [number for number in counted if number.startswith("17.")]
    assert len(counted) <= APPLICABLE
    assert len(ROW.findall(page(PAGE))) == len(re.findall(r"^\| \d", page(PAGE), re.MULTILINE))


def test_what_is_said_to_show_an_answer_is_there() -> None:
    for numbers, state, shown in rows():
        assert shown.strip() or state in {"not", "not applicable"}, numbers
        for path, test in SHOWN.findall(shown):
            assert (ROOT / path).is_file(), path
            assert not test or re.search(rf"^\s*def {test}\(", page(path), re.MULTILINE), test


def test_the_page_counts_itself_rightly() -> None:
    states: Counter[str] = Counter()
    tested, met = 0, 0
    for numbers, state, shown in rows():
        states[state] += len(numbers)
        tested += len(numbers) * by_a_test(shown)
        met += len(numbers) * (by_a_test(shown) and state == "met")
    said = dict(re.findall(r"^\| (answered|by a test|met, by a test|met|partly|not|not applicable) \| (\d+) \|$", page(PAGE), re.MULTILINE))  # fmt: skip
    counts = {"answered": states.total(), "by a test": tested, "met, by a test": met, **states}
    assert {name: int(number) for name, number in said.items()} == counts


def told_to_run(path: Path) -> Iterator[str]:
    """Where a module could take what it was given for a program, or uses what is too weak."""
    wrong = RUNS_WORDS | RUNS_BYTES | WEAK | (set() if is_invented(path) else CHANCE)
    for node in ast.walk(tree(path)):
        if not wrong.isdisjoint(named(node)):
            yield where(path, node)  # type: ignore[arg-type]  # only what stands on a line has a name


def named(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [each.name for each in names]
        case ast.ImportFrom(module=module, names=names):
            return [module or "", *(each.name for each in names)]
        case ast.Call(func=ast.Name(id=name)) if name in RUNS_WORDS:
            return [name]
        case ast.Attribute(value=ast.Name(id="os"), attr="system" | "popen"):
            return ["subprocess"]
        case ast.Attribute(attr=name) if name in WEAK:
            return [name]
    return []


def is_invented(path: Path) -> bool:
    return path.relative_to(ROOT).as_posix().startswith(INVENTED)


def test_no_module_runs_what_it_was_given_and_none_uses_a_weak_cipher_or_chance() -> None:
    """ASVS 1.2.5, 1.3.2, 1.5.1, 1.5.2, 11.3.1, 11.4.1, 11.5.1."""
    assert not [each for path in sources() for each in told_to_run(path)]


@pytest.mark.parametrize(
    "line",
    ["import subprocess", "from pickle import loads", "eval(x)", "os.system(x)", "hashlib.md5(x)",
     "from random import choice", "from hashlib import sha1"],
)  # fmt: skip
def test_the_guard_sees_one(line: str) -> None:
    [node] = ast.parse(line).body
    assert any(
        {*CHANCE, *RUNS_WORDS, *RUNS_BYTES, *WEAK} & set(named(each)) for each in ast.walk(node)
    )
