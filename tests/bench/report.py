"""What was measured last of each figure, kept as JSON and as a page of the docs."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

KEPT = Path("docs/reference/bench.json")
PAGE = Path("docs/reference/bench.md")

_HEAD = """# The latest run of each measure

`make bench` and `python -m tests.bench NAME` write this page, and `bench.json` beside it; `--quick` does not.
A baseline is of the same run. A rate or a time says something about the machine of its line, at the load
of its line (processes that wanted to run, as its run ended, and what the hypervisor took of the processor time
asked for while it ran); the ratio compares between machines. What the
figures mean, and what was never measured at full size, stands in [figures](figures.md).

| figure | ours | baseline | ratio | unit | goal | measured | load | machine |
|---|---|---|---|---|---|---|---|---|
"""


_SERVERS = {"sqlite": "SQLite", "postgres": "PostgreSQL", "kafka": "Kafka"}
"""Rows of before they were noted have none."""


def keep(figures: Iterable[Mapping[str, Any]], run: Mapping[str, Any]) -> None:
    """Put these in the place of the earlier ones of their names; a figure keeps the run it is of."""
    rows: dict[str, dict[str, Any]] = {}
    if KEPT.exists():
        rows = {row["name"]: row for row in json.loads(KEPT.read_text(encoding="utf-8"))}
    for figure in figures:
        told = {name: value for name, value in figure.items() if name != "samples"}
        rows[figure["name"]] = told | {"samples": len(figure["samples"])} | dict(run)
    kept = [rows[name] for name in sorted(rows)]
    KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(_HEAD + "".join(map(_line, kept)), encoding="utf-8")


def _line(row: Mapping[str, Any]) -> str:
    numbers = " | ".join(f"{row[name]:,.2f}" for name in ("value", "baseline", "ratio"))
    servers = [f"{name} {row[key]}" for key, name in _SERVERS.items() if key in row]
    machine = ", ".join([f"{row['cores']} cores, Python {row['python']}", *servers, row["commit"]])
    told = f"{row['name']} | {numbers} | {row['unit']} | {row['goal']}"
    return f"| {told} | {row['at'][:16]} | {row['load'][0]:.1f}{_stolen(row)} | {machine} |\n"


def _stolen(row: Mapping[str, Any]) -> str:
    """Rows of before it was noted have none."""
    return f", {row['stolen']:.0f} % stolen" if "stolen" in row else ""
