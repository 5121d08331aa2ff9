"""A small flood of bad records; `python -m tests.contracts.bad_kafka` sends the whole of it."""

from pathlib import Path

import pytest

from spowatch.facts_file import read_line
from spowatch.importing import import_line
from spowatch.intake_facts import without_content
from tests.contracts.bad_kafka import flooded
from tests.contracts.bad_records import CANARY, breach, told
from tests.servers.kafka import Kafka
from tests.stories import NOW, store_at

AT_ONCE = 20.0
"""Seconds for one message by itself, with the machine busy; the command says how long it took."""


def test_the_good_are_raised_and_the_bad_come_before_a_person(kafka: Kafka, tmp_path: Path) -> None:
    flood = flooded(tmp_path, kafka.bootstrap, kafka.prefix(), bad=240, good=12)
    assert (flood.alerts, flood.bad) == (12, 240)
    assert flood.missing == set()
    assert flood.seconds_to_a_person < AT_ONCE
    assert len(flood.quarantined) == len(flood.told_places)
    assert not flood.leaked
    assert (flood.faults, flood.ended) == (0, False)


@pytest.mark.parametrize(
    "changed",
    [
        {"type": CANARY},
        {CANARY: 1},
        {"data": {CANARY: 1}},
        {"data": {"condition": CANARY, "source": "'" + CANARY}},
        {"t": CANARY},
    ],
)
def test_a_reason_never_repeats_what_the_message_says(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    with store_at(tmp_path) as store:
        error = import_line(
            read_line(1, told("K-1", breach("1") | changed)), store.register, now=NOW
        )
    assert error.error is not None
    assert not [word for word in CANARY.split() if word in without_content(error.error)]
