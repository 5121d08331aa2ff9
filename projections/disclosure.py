"""What may be published of figures: no count from which somebody, or a change by one, can be told."""

from collections.abc import Mapping

from projections.statistics import Figures, Measure

STEP = 5
"""Counts from 1 to one less than this are withheld; every other is the nearest multiple of it."""

Published = dict[Measure, int | None]
"""None where a count is withheld."""


def publishable(figures: Figures) -> dict[str, Published]:
    """The counts by force. Totals are rounded by themselves: see `publishable_total`."""
    return {force: _rounded(counts) for force, counts in figures.by_force.items()}


def publishable_total(figures: Figures) -> Published:
    """Not the sum of what is published by force, so that nothing withheld can be worked out."""
    return _rounded(figures.total)


def _rounded(counts: Mapping[Measure, int]) -> Published:
    return {
        measure: None if 0 < count < STEP else STEP * ((count + STEP // 2) // STEP)
        for measure, count in counts.items()
    }
