import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.structure.checkout import sources, tree, where

ASKS = (
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "time.time", "time.time_ns", "os.environ", "os.getenv",
)  # fmt: skip


def asks(name: str) -> bool:
    return any(f".{name}".endswith(f".{each}") for each in ASKS)


def questions(path: Path) -> Iterator[ast.expr | ast.stmt]:
    """Places where a module asks the machine what time it is, or what it was set to."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and asks(ast.unparse(node)):
            yield node
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            if any(asks(name) for name in names):
                yield node


@pytest.mark.parametrize("package", ["domain", "projections", "consumers", "scheduler"])
def test_time_and_settings_come_in_through_the_door(package: str) -> None:
    assert not [where(path, node) for path in sources(package) for node in questions(path)]


@pytest.mark.parametrize(
    "line", ["import time\ntime.time()", "from time import time", "import os\nos.environ['A']"]
)
def test_the_guard_sees_a_question(tmp_path: Path, line: str) -> None:
    module = tmp_path / "asks.py"
    module.write_text(line)
    assert list(questions(module))
