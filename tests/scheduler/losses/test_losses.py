"""What loses deadlines with the library's own job store does not with our clockwork."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.scheduler.losses import scenarios
from tests.scheduler.losses.library import LibraryStore, library_as_shipped, library_store
from tests.scheduler.losses.ours import our_clockwork
from tests.scheduler.losses.rearming import library_rearming
from tests.scheduler.losses.ways import Way

Scenario = Callable[[Way], None]
Library = Callable[[Path], AbstractContextManager[LibraryStore]]

LOSSES: list[tuple[Scenario, Library, str]] = [
    (scenarios.down_at_the_instant, library_as_shipped, "lost 3 of 3"),
    (scenarios.killed_in_the_middle_of_raising, library_store, "lost [1-3] of 3"),
    (scenarios.renamed_in_a_release, library_store, "lost 3 of 3"),
    (scenarios.two_processes_on_one_store, library_store, r"doubled \d+ of 20"),
    (scenarios.database_falters_once, library_store, "lost 3 of 5"),
    (scenarios.earlier_one_from_another_process, library_store, "lost 1 of 1"),
    (scenarios.many_at_one_midnight, library_store, r"stood still for \d"),
    (scenarios.due_while_raising_another, library_rearming, r"lost [1-3] of 4"),
]


def called(found: object) -> str | None:
    return getattr(found, "__name__", None)


@pytest.mark.parametrize("scenario", [row[0] for row in LOSSES], ids=called)
def test_ours_raises_each_deadline_once_and_in_time(scenario: Scenario, tmp_path: Path) -> None:
    with our_clockwork(tmp_path) as way:
        scenario(way)


# A scheduler of the library's that is shut down while something is due hands it out once more, to
# executors that are closed, and its thread dies of that.
@pytest.mark.filterwarnings(
    "ignore:Exception in thread APScheduler:pytest.PytestUnhandledThreadExceptionWarning"
)
@pytest.mark.parametrize(("scenario", "library", "loss"), LOSSES, ids=called)
def test_the_librarys_own_store_does_not(
    scenario: Scenario, library: Library, loss: str, tmp_path: Path
) -> None:
    with library(tmp_path) as way, pytest.raises(AssertionError, match=f"^{loss}"):
        scenario(way)


@pytest.mark.parametrize("way_at", [our_clockwork, library_store], ids=called)
def test_on_a_quiet_night_nothing_is_lost_either_way(
    way_at: Callable[[Path], AbstractContextManager[Way]], tmp_path: Path
) -> None:
    with way_at(tmp_path) as way:
        scenarios.quiet(way)
