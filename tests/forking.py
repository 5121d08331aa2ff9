"""Processes that are quick to start: each is a fork of one that has loaded everything and opened nothing."""

import multiprocessing

FORKING = multiprocessing.get_context("forkserver")
# One for all tests of a worker, and told once what to load.
FORKING.set_forkserver_preload(
    [
        "tests.projections.runners.other_processes",
        "tests.faults.shift_people",
        "tests.forked_program",
        "tests.store.postgres.other_processes",
    ]
)
SPAWN = multiprocessing.get_context("spawn")
"""For what is measured: such a one has nothing that another loaded."""
