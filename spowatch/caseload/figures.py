"""The published figures that shape the caseload (`spowatch/data/README.md`)."""

import csv
from functools import cache
from importlib import resources


@cache
def published_by_force() -> tuple[dict[str, str], ...]:
    """Each force as published: applied for and granted; empty where it gave no answer."""
    text = resources.files("spowatch").joinpath("data/spo_by_force_foi.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def orders_by_force() -> dict[str, int]:
    """Orders granted in 2021/22, or in 2020/21 where a force gave no later answer."""
    return {
        row["force"]: int(row["granted_2021_22"] or row["granted_2020_21"] or 0)
        for row in published_by_force()
    }
