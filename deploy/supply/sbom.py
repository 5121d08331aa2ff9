"""`make sbom`: whether a bill of materials names what the lock pins, no more and no less, by hash."""

import json
import re
import sys
from pathlib import Path

_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE | re.IGNORECASE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def pinned(lock: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Version and hashes of each package of a lock."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for entry in re.split(r"\n(?=\S)", lock):
        if pin := _PIN.match(entry):
            found[_name(pin[1])] = pin[2], frozenset(_HASH.findall(entry))
    return found


def billed(bill: str) -> dict[str, tuple[str, frozenset[str]]]:
    """The same of a CycloneDX bill."""
    components = json.loads(bill)["components"]
    return {
        _name(each["name"]): (
            each["version"],
            frozenset(
                told["content"]
                for where in each.get("externalReferences", [])
                for told in where.get("hashes", [])
            ),
        )
        for each in components
    }


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(bill: Path, lock: Path) -> int:
    ours, theirs = (
        billed(bill.read_text(encoding="utf-8")),
        pinned(lock.read_text(encoding="utf-8")),
    )
    differing = sorted(
        name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)
    )
    for name in differing:
        sys.stderr.write(f"{name}: the bill and the lock differ\n")
    sys.stdout.write(f"{bill}: {len(ours)} components, {len(differing)} other than in {lock}\n")
    return int(bool(differing))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
