from dataclasses import replace

import pytest

from spowatch.kafka.topic_plan import Found, FoundTopic, Verdict, changes
from spowatch.kafka.topics import Grant, Operation, Resource, Role, Topic, TopicsFile

KEYED, LOOSE = "spo.order.events.v1", "spo.quarantine.v1"
WANTED = TopicsFile(
    copies=3,
    in_sync_at_least=2,
    largest_message_bytes=1000,
    roles={"relay": Role(principal="User:relay")},
    topics={
        KEYED: Topic(holds="events", key="order", partitions=12, retention_days=14),
        LOOSE: Topic(holds="unreadable", partitions=3, retention_days=30, writers=("relay",)),
    },
)
THERE = {
    name: FoundTopic(topic.partitions, 3, WANTED.settings_of(topic))
    for name, topic in WANTED.topics.items()
}
SAME = Found(brokers=3, topics=THERE, grants=WANTED.grants())


def test_a_cluster_as_it_should_be_needs_nothing() -> None:
    assert changes(WANTED, SAME) == []


def test_what_is_missing_is_created_and_allowed() -> None:
    found = changes(WANTED, Found(brokers=3, topics={}, grants=frozenset()))
    assert [(change.about, change.verdict) for change in found] == [
        (KEYED, Verdict.SAFE),
        (LOOSE, Verdict.SAFE),
        ("User:relay", Verdict.SAFE),
    ]


def test_three_copies_need_three_brokers() -> None:
    found = changes(WANTED, Found(brokers=1, topics={}, grants=None))
    assert {change.verdict for change in found} == {Verdict.REFUSED}
    assert "--copies 1" in found[0].reason


def test_nobodys_rights_are_touched_where_none_are_checked() -> None:
    assert changes(WANTED, replace(SAME, grants=None)) == []


@pytest.mark.parametrize(
    ("name", "partitions", "verdict"),
    [
        (KEYED, 24, Verdict.REFUSED),
        (KEYED, 6, Verdict.REFUSED),
        (LOOSE, 4, Verdict.REFUSED),
        (LOOSE, 2, Verdict.SAFE),
    ],
)
def test_partitions_only_grow_and_only_where_nothing_is_keyed(
    name: str, partitions: int, verdict: Verdict
) -> None:
    there = replace(THERE[name], partitions=partitions)
    (change,) = changes(WANTED, replace(SAME, topics=THERE | {name: there}))
    assert change.verdict is verdict
    assert (change.step is None) == (verdict is Verdict.REFUSED)


@pytest.mark.parametrize(
    ("setting", "before", "verdict"),
    [
        ("retention.ms", "9999999999", Verdict.NEEDS_YES),
        ("retention.ms", "-1", Verdict.NEEDS_YES),
        ("retention.ms", "1000", Verdict.SAFE),
        ("min.insync.replicas", "3", Verdict.NEEDS_YES),
        ("min.insync.replicas", "1", Verdict.SAFE),
        ("max.message.bytes", "2000", Verdict.NEEDS_YES),
        ("cleanup.policy", "compact", Verdict.SAFE),
        ("unclean.leader.election.enable", "true", Verdict.SAFE),
    ],
)
def test_a_setting_that_loses_something_is_asked_for_twice(
    setting: str, before: str, verdict: Verdict
) -> None:
    settings = {**THERE[KEYED].settings, setting: before}
    there = replace(THERE[KEYED], settings=settings)
    (change,) = changes(WANTED, replace(SAME, topics=THERE | {KEYED: there}))
    assert change.verdict is verdict


def test_copies_are_not_moved_from_here() -> None:
    there = replace(THERE[KEYED], copies=1)
    (change,) = changes(WANTED, replace(SAME, topics=THERE | {KEYED: there}))
    assert (change.verdict, change.step) == (Verdict.REFUSED, None)


def test_a_right_too_many_on_our_topics_is_shown_and_on_others_is_not() -> None:
    ours = Grant("User:mallory", Operation.READ, Resource.TOPIC, LOOSE)
    others = Grant("User:mallory", Operation.READ, Resource.TOPIC, "payroll.v1")
    (change,) = changes(WANTED, replace(SAME, grants=WANTED.grants() | {ours, others}))
    assert change.verdict is Verdict.NEEDS_YES
    assert change.says == f"no longer allow: User:mallory read topic {LOOSE}"
