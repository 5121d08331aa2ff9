"""`python -m spowatch.reference` writes docs/reference; `--check` writes nothing, exits 1 on drift."""

import sys
from pathlib import Path

from spowatch.reference.pages import pages

PAGES = Path("docs") / "reference"


def main(arguments: list[str]) -> int:
    drifted = {name: text for name, text in pages().items() if _text_of(PAGES / name) != text}
    if "--check" in arguments:
        for name in drifted:
            sys.stderr.write(f"docs/reference/{name} is not what the code says: make docs\n")
        return 1 if drifted else 0
    for name, text in drifted.items():
        (PAGES / name).parent.mkdir(parents=True, exist_ok=True)
        (PAGES / name).write_text(text, encoding="utf-8")
    return 0


def _text_of(page: Path) -> str | None:
    return page.read_text(encoding="utf-8") if page.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
