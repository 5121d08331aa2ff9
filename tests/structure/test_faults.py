import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.structure.checkout import ROOT, sources, tree

CATCHES_FAULTS = {
    "spowatch/running/running.py": "the worker loop: back off, count, never skip",
    "web/edge.py": "the HTTP edge",
    "consumers/delivery.py": "channel delivery: on to the next channel",
    "spowatch/policy_file.py": "an alert about to be raised: under the standard policy",
    "spowatch/doctor/in_time.py": "one question of the doctor: told as failed, on to the next",
}


def broad_handlers(path: Path) -> Iterator[ast.ExceptHandler]:
    """Handlers of anything at all; one that cleans up and lets the fault rise is no catch."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node):
            yield node


def _is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = {name.id for name in ast.walk(handler.type) if isinstance(name, ast.Name)}
    return "Exception" in caught or ("BaseException" in caught and not _rises(handler))


def _rises(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_a_fault_is_caught_where_it_is_known_what_follows_and_nowhere_else() -> None:
    caught = Counter(
        path.relative_to(ROOT).as_posix() for path in sources() for _ in broad_handlers(path)
    )
    assert set(caught) <= set(CATCHES_FAULTS)
    assert all(count == 1 for count in caught.values())


def test_the_guard_sees_a_catch(tmp_path: Path) -> None:
    module = tmp_path / "swallows.py"
    module.write_text("try:\n    pass\nexcept (OSError, Exception):\n    pass\n")
    assert len(list(broad_handlers(module))) == 1
