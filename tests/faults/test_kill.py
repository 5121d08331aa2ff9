from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.campaign import Reckoning, campaign
from tests.faults.evidence import Entry, Evidence
from tests.faults.oracle import Verdict, verdict
from tests.faults.planted import PLANTS, site_of
from tests.faults.processes import Site


@pytest.fixture(scope="module")
def reckoning(tmp_path_factory: pytest.TempPathFactory) -> Reckoning:
    return campaign(Site(tmp_path_factory.mktemp("killed")), kills=8, seed=8)


def test_nothing_acknowledged_is_lost_when_the_system_is_killed(reckoning: Reckoning) -> None:
    assert len(reckoning.acknowledged) >= 8
    assert reckoning.verdict == Verdict(lost=[], duplicate=[], missing=[], gaps=[])


def test_the_system_comes_back_by_itself_and_stops_when_told(reckoning: Reckoning) -> None:
    assert reckoning.kills == 8
    assert not reckoning.fell_over
    assert not reckoning.unclean_stops


def without(topic: str) -> Callable[[Evidence], Evidence]:
    """The evidence less the last event of that topic."""

    def tampered(evidence: Evidence) -> Evidence:
        entries = list(evidence.entries)
        entries.remove(_last(evidence, topic))
        return replace(evidence, entries=entries)

    return tampered


def _last(evidence: Evidence, topic: str) -> Entry:
    """The last event of that topic that was not taken back by a later one."""
    taken_back = {
        (entry.stream, entry.event["finding_version"])
        for entry in evidence.entries
        if entry.topic == "spo.finding-withdrawn.v1"
    }
    return next(
        entry
        for entry in reversed(evidence.entries)
        if entry.topic == topic and (entry.stream, entry.version) not in taken_back
    )


def twice(topic: str) -> Callable[[Evidence], Evidence]:
    """The evidence with the last event of that topic in it once more."""

    def tampered(evidence: Evidence) -> Evidence:
        again = _last(evidence, topic)
        return replace(evidence, entries=[*evidence.entries, again])

    return tampered


def said_twice(evidence: Evidence) -> Evidence:
    return replace(evidence, console=[*evidence.console, evidence.console[0]])


def left_unsaid(evidence: Evidence) -> Evidence:
    arrests = [line for line in evidence.console if line["class"] == "arrest"]
    return replace(evidence, console=[line for line in evidence.console if line is not arrests[-1]])


@pytest.mark.parametrize(
    ("tampered", "shows"),
    [
        (without("spo.breach-reported.v1"), "lost"),
        (without("spo.breach-reported.v1"), "gaps"),
        (without("spo.breach-recorded.v1"), "missing"),
        (without("spo.alert-raised.v1"), "missing"),
        (twice("spo.breach-reported.v1"), "duplicate"),
        (twice("spo.breach-recorded.v1"), "duplicate"),
        (twice("spo.alert-raised.v1"), "duplicate"),
        (said_twice, "duplicate"),
        (left_unsaid, "missing"),
    ],
)
def test_the_count_notices_what_is_wrong(
    reckoning: Reckoning, tampered: Callable[[Evidence], Evidence], shows: str
) -> None:
    found = verdict(tampered(reckoning.evidence), reckoning.acknowledged)
    assert getattr(found, shows)


@pytest.mark.parametrize("plant", sorted(PLANTS))
def test_each_bug_can_still_be_planted(plant: str, tmp_path: Path) -> None:
    assert site_of(tmp_path, plant).cwd
