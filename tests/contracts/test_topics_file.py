from pathlib import Path

import pytest

from consumers.intake import INTAKE
from consumers.relay_messages import ALERT_OUTCOME, ALERT_REQUESTED, ORDER_EVENTS, QUARANTINE
from spowatch.kafka.topics import Grant, Operation, Resource, TopicsFileRefused, read_topics

OURS = Path(__file__).resolve().parents[2] / "deploy" / "kafka" / "topics.yaml"
GOOD = """
copies: 3
in_sync_at_least: 2
largest_message_bytes: 1000
roles:
  relay: {principal: "User:relay"}
  alert: {principal: "User:alert", groups: alert}
topics:
  spo.alert.requested.v1:
    holds: findings
    key: order id
    partitions: 6
    retention_days: 14
    writers: [relay]
    readers: [alert]
"""


def test_our_own_file_asks_for_three_copies_two_of_them_in_sync() -> None:
    ours = read_topics(OURS)
    assert (ours.copies, ours.in_sync_at_least) == (3, 2)


def test_every_topic_of_ours_has_someone_who_writes_and_someone_who_reads() -> None:
    assert all(topic.writers and topic.readers for topic in read_topics(OURS).topics.values())


def test_every_topic_that_the_program_names_is_in_the_file() -> None:
    named = {INTAKE, ORDER_EVENTS, ALERT_REQUESTED, ALERT_OUTCOME, QUARANTINE}
    assert named == set(read_topics(OURS).topics)


def test_a_role_gets_what_its_topics_need_and_no_more(tmp_path: Path) -> None:
    assert read_topics(written(tmp_path, GOOD)).grants() == {
        Grant("User:relay", Operation.WRITE, Resource.TOPIC, "spo.alert.requested.v1"),
        Grant("User:alert", Operation.READ, Resource.TOPIC, "spo.alert.requested.v1"),
        Grant("User:alert", Operation.READ, Resource.GROUPS, "alert"),
    }


@pytest.mark.parametrize(
    ("was", "is_now", "says"),
    [
        ("partitions: 6", "partitions: 0", "partitions: Input should be greater than 0"),
        ("partitions: 6", "partitons: 6", "partitons: Extra inputs are not permitted"),
        ("requested.v1", "requested", "name is lower case and ends with its version"),
        ("writers: [relay]", "writers: [rely]", "names the role 'rely', which is not among"),
        ("in_sync_at_least: 2", "in_sync_at_least: 4", "4, more than the 3 copies"),
        ('"User:relay"', '"relay"', "principal: String should match pattern"),
        ("copies: 3", "copies: [", "not YAML"),
        ("copies: 3", "copies: 3\ncopies: 1", "'copies' is given twice"),
    ],
)
def test_a_wrong_file_is_told_where_and_why(
    tmp_path: Path, was: str, is_now: str, says: str
) -> None:
    path = written(tmp_path, GOOD.replace(was, is_now))
    with pytest.raises(TopicsFileRefused, match=says) as refused:
        read_topics(path)
    assert str(refused.value).startswith(str(path))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"- 1", b"!!python/object:os.system {}"])
def test_what_is_no_topics_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "topics.yaml"
    path.write_bytes(content)
    with pytest.raises(TopicsFileRefused):
        read_topics(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TopicsFileRefused, match=r"cannot be read: No such file.*--file"):
        read_topics(tmp_path / "topics.yaml")


def written(directory: Path, text: str) -> Path:
    path = directory / "topics.yaml"
    path.write_text(text)
    return path
