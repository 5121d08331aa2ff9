"""The project as the guard tests see it: its packages, its sources, its tracked files."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("domain", "projections", "consumers", "scheduler", "web", "spowatch")


def sources(*packages: str) -> list[Path]:
    """Python files of `packages`, or of every package that ships."""
    return sorted(
        path for package in packages or PACKAGES for path in (ROOT / package).rglob("*.py")
    )


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def where(path: Path, node: ast.expr | ast.stmt | ast.excepthandler) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def tracked_files() -> list[Path]:
    """What a commit of this checkout would hold."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    return sorted(path for name in listed if name and (path := ROOT / name).is_file())
