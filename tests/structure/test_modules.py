import ast
import re

from tests.structure.checkout import PACKAGES, ROOT, sources, tree, where

LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
# Not "service": here that is the service of an order.
DRAWERS = {
    "base", "common", "helper", "helpers", "manager", "managers", "misc", "model", "models",
    "services", "types", "util", "utils",
}  # fmt: skip
PROJECT = {*PACKAGES, "tests", "deploy", "docs"}
SILENCED = re.compile(
    r"# (noqa|type: ignore|nosec|pragma: no)(?!: [A-Z0-9, ]+ - .*\w|\[[a-z, -]+\]  # .*\w)"
)


def test_no_module_holds_two_things() -> None:
    sizes = {path: path.read_text(encoding="utf-8").count("\n") for path in sources()}
    long = [f"{path.relative_to(ROOT)}: {n}" for path, n in sizes.items() if n > LONGEST_MODULE]
    assert not long


def test_no_function_does_two_things() -> None:
    long = [
        f"{where(path, node)} {node.name}"
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    ]
    assert not long


def test_no_module_is_a_drawer() -> None:
    assert not [path for path in sources() if DRAWERS & {path.stem, path.parent.name}]


def test_every_module_says_what_it_is_for() -> None:
    assert not [path for path in sources() if not ast.get_docstring(tree(path))]


def test_a_new_top_level_folder_is_added_on_purpose() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders <= PROJECT


def test_who_silences_a_checker_says_why() -> None:
    silenced = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources(*PACKAGES, "tests", "deploy")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if SILENCED.search(line)
    ]
    assert not silenced
