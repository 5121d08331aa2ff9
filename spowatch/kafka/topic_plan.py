"""What lies between the topics file and a cluster, and which of it may be done without asking."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from spowatch.kafka.topics import Grant, Topic, TopicsFile


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as the cluster has it."""

    partitions: int
    copies: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A cluster as far as the topics file speaks of it."""

    brokers: int
    topics: Mapping[str, FoundTopic]
    grants: frozenset[Grant] | None
    """None where the brokers check nobody's rights."""


class Verdict(StrEnum):
    SAFE = "safe"
    NEEDS_YES = "needs --yes"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CreateTopic:
    name: str
    partitions: int
    copies: int
    settings: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class AddPartitions:
    name: str
    partitions: int


@dataclass(frozen=True, slots=True)
class SetSetting:
    name: str
    setting: str
    value: str


@dataclass(frozen=True, slots=True)
class Allow:
    grant: Grant


@dataclass(frozen=True, slots=True)
class Disallow:
    grant: Grant


Step = CreateTopic | AddPartitions | SetSetting | Allow | Disallow


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `step` ends it, and is None where no step of ours does without loss."""

    about: str
    says: str
    step: Step | None
    verdict: Verdict = Verdict.SAFE
    reason: str = ""

    def as_dict(self) -> dict[str, str]:
        return {
            "about": self.about,
            "change": self.says,
            "verdict": str(self.verdict),
            "reason": self.reason,
        }


def changes(wanted: TopicsFile, found: Found) -> list[Change]:
    """Everything to be done, in the order it is done: topics, their settings, rights."""
    return [
        *(change for name in wanted.topics for change in _topic_changes(wanted, name, found)),
        *_grant_changes(wanted, found),
    ]


def _topic_changes(wanted: TopicsFile, name: str, found: Found) -> Iterator[Change]:
    topic, there = wanted.topics[name], found.topics.get(name)
    settings = wanted.settings_of(topic)
    if there is None:
        yield _created(wanted, name, found)
        return
    yield from _partition_changes(name, topic, there)
    if there.copies != wanted.copies:
        says = f"copies {there.copies} -> {wanted.copies}"
        yield Change(name, says, None, Verdict.REFUSED, _MOVED_BY_HAND)
    for setting, value in settings.items():
        if there.settings.get(setting) != value:
            yield _setting_change(name, setting, there.settings.get(setting), value)


def _created(wanted: TopicsFile, name: str, found: Found) -> Change:
    topic = wanted.topics[name]
    says = f"create: {topic.partitions} partitions, {wanted.copies} copies"
    if wanted.copies > found.brokers:
        reason = f"the cluster has {found.brokers} broker(s); --copies {found.brokers} for a trial"
        return Change(name, says, None, Verdict.REFUSED, reason)
    step = CreateTopic(name, topic.partitions, wanted.copies, wanted.settings_of(topic))
    return Change(name, says, step)


def _partition_changes(name: str, topic: Topic, there: FoundTopic) -> Iterator[Change]:
    if topic.partitions == there.partitions:
        return
    says = f"partitions {there.partitions} -> {topic.partitions}"
    if topic.partitions < there.partitions:
        yield Change(name, says, None, Verdict.REFUSED, _NEVER_FEWER)
    elif topic.keyed:
        yield Change(name, says, None, Verdict.REFUSED, _KEYED)
    else:
        yield Change(name, says, AddPartitions(name, topic.partitions))


def _setting_change(name: str, setting: str, before: str | None, after: str) -> Change:
    says = f"{setting} {before} -> {after}"
    step = SetSetting(name, setting, after)
    reason = _LOSES.get(setting)
    if reason is None or before is None or not _is_less(before, after):
        return Change(name, says, step)
    return Change(name, says, step, Verdict.NEEDS_YES, reason)


def _is_less(before: str, after: str) -> bool:
    """Kafka writes "without end" as -1."""
    if before == "-1":
        return True
    return after != "-1" and int(after) < int(before)


def _grant_changes(wanted: TopicsFile, found: Found) -> Iterator[Change]:
    """Rights to give; and rights on our topics and groups that the file does not give."""
    if found.grants is None:
        return
    given = wanted.grants()
    for grant in sorted(given - found.grants):
        yield Change(grant.principal, f"allow: {grant}", Allow(grant))
    ours = {(grant.resource, grant.name) for grant in given}
    for grant in sorted(found.grants - given):
        if (grant.resource, grant.name) in ours:
            says = f"no longer allow: {grant}"
            yield Change(grant.principal, says, Disallow(grant), Verdict.NEEDS_YES, _CUTS_OFF)


_NEVER_FEWER = "Kafka cannot take partitions away; make a .v2"
_KEYED = "the key's partition would change and events pass each other; make a .v2 and refill it"
_MOVED_BY_HAND = "copies are moved with kafka-reassign-partitions, broker by broker, not from here"
_CUTS_OFF = "whoever uses this right stops at once"
_LOSES = {
    "retention.ms": "older messages are deleted at once and cannot be had back",
    "min.insync.replicas": "what is acknowledged would be on fewer disks",
    "max.message.bytes": "writers of larger messages would be refused",
}
