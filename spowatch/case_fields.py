"""The keys of a case in a facts file, and what each may hold: the same for `import` and `what-if`."""

from typing import Any

from domain.forces import find_force
from domain.regimes import EW_SPA_2019, REGIMES
from domain.vocabulary import UnreadableFact, read_short_text

_KEYS = frozenset(
    {"id", "group", "regime", "title", "given", "as_of", "order", "person", "force"}
    | {"expect", "legal_basis", "certainty", "note"}
)


def check_keys(case: dict[str, Any]) -> None:
    """Raises `UnreadableFact` for a key that no case has."""
    for key in case:
        if key not in _KEYS:
            raise UnreadableFact(str(key)[:40], "unknown key", f"use {sorted(_KEYS)}")


def text_of(case: dict[str, Any], key: str) -> str | None:
    return read_short_text(key, case.get(key))


def regime_of(case: dict[str, Any]) -> str:
    """By its name. Raises `UnreadableFact`."""
    regime = text_of(case, "regime") or EW_SPA_2019.name
    if regime not in REGIMES:
        raise UnreadableFact("regime", "unknown", f"use one of {sorted(REGIMES)}")
    return regime


def check_force(name: str | None) -> None:
    """An unknown one is a slip of the pen, not a point of law. Raises `UnreadableFact`."""
    if name is not None and find_force(name) is None:
        raise UnreadableFact("force", "unknown force", "see docs/reference/forces.md")
