"""The topics file: which topics there are, how they keep what they hold, and who may use them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    StringConstraints,
    ValidationError,
    model_validator,
)

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*\.v[1-9][0-9]*$")]
_Principal = Annotated[str, StringConstraints(pattern=r"^User:\S+$")]
_GroupsPrefix = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$")]


class TopicsFileRefused(Exception):
    """The topics file cannot be used; names the file, the place in it and what is wrong there."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Role(_Part):
    principal: _Principal
    groups: _GroupsPrefix | None = None
    """None for readers that keep their place themselves."""


class Topic(_Part):
    holds: str
    key: str | None = None
    partitions: PositiveInt
    retention_days: PositiveInt
    writers: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()

    @property
    def keyed(self) -> bool:
        return self.key is not None


class Operation(StrEnum):
    READ = "read"
    WRITE = "write"


class Resource(StrEnum):
    TOPIC = "topic"
    GROUPS = "groups"
    """Every group whose name begins so."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """What a principal may do, from any host."""

    principal: str
    operation: Operation
    resource: Resource
    name: str

    def __str__(self) -> str:
        return f"{self.principal} {self.operation} {self.resource} {self.name}"


class TopicsFile(_Part):
    copies: PositiveInt
    in_sync_at_least: PositiveInt
    largest_message_bytes: PositiveInt
    roles: dict[str, Role]
    topics: dict[_Name, Topic] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> "TopicsFile":
        if self.in_sync_at_least > self.copies:
            msg = f"in_sync_at_least is {self.in_sync_at_least}, more than the {self.copies} copies"
            raise ValueError(msg)
        for name, topic in self.topics.items():
            for role in (*topic.writers, *topic.readers):
                if role not in self.roles:
                    msg = f"{name} names the role {role!r}, which is not among the roles"
                    raise ValueError(msg)
        return self

    def with_copies(self, copies: int) -> "TopicsFile":
        """For a smaller cluster: fewer copies, and as many in sync as one broker less allows."""
        in_sync = min(self.in_sync_at_least, max(1, copies - 1))
        return self.model_copy(update={"copies": copies, "in_sync_at_least": in_sync})

    def with_prefix(self, prefix: str) -> "TopicsFile":
        """For a cluster that others use too: `prefix` before the name of every topic."""
        named = {prefix + name: topic for name, topic in self.topics.items()}
        return self.model_copy(update={"topics": named})

    def settings_of(self, topic: Topic) -> dict[str, str]:
        """Kafka's settings of that topic, all that matter, so that no broker's default does."""
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(timedelta(days=topic.retention_days) // timedelta(milliseconds=1)),
            "min.insync.replicas": str(self.in_sync_at_least),
            "max.message.bytes": str(self.largest_message_bytes),
            "message.timestamp.type": "CreateTime",
            # From Kafka 4 on a broker refuses, for good, what is stamped an hour ahead of its own clock.
            "message.timestamp.after.max.ms": str(2**63 - 1),
            "unclean.leader.election.enable": "false",
        }

    def grants(self) -> frozenset[Grant]:
        return frozenset(
            grant for name, topic in self.topics.items() for grant in self._grants_on(name, topic)
        )

    def _grants_on(self, name: str, topic: Topic) -> Iterator[Grant]:
        for writer in topic.writers:
            principal = self.roles[writer].principal
            yield Grant(principal, Operation.WRITE, Resource.TOPIC, name)
        for reader in topic.readers:
            role = self.roles[reader]
            yield Grant(role.principal, Operation.READ, Resource.TOPIC, name)
            if role.groups is not None:
                yield Grant(role.principal, Operation.READ, Resource.GROUPS, role.groups)


def read_topics(path: Path) -> TopicsFile:
    """The file as it stands. Raises `TopicsFileRefused`."""
    try:
        told = yaml.load(path.read_text(encoding="utf-8"), _Strict)  # noqa: S506 - a safe loader
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        msg = f"{path}: cannot be read: {reason}; name the topics.yaml of this release with --file"
        raise TopicsFileRefused(msg) from None
    except yaml.YAMLError as error:
        msg = f"{path}: not YAML: {' '.join(str(error).split())}"
        raise TopicsFileRefused(msg) from None
    try:
        return TopicsFile.model_validate(told)
    except ValidationError as error:
        raise TopicsFileRefused("\n".join(_explained(path, error))) from None


def _explained(path: Path, error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_input=False):
        place = " > ".join(str(part) for part in problem["loc"] if part != "[key]")
        what = problem["msg"].removeprefix("Value error, ")
        if problem["loc"][-1:] == ("[key]",):
            what = "a topic's name is lower case and ends with its version, like spo.intake.v1"
        yield f"{path}: {place}: {what}" if place else f"{path}: {what}"


class _Strict(yaml.SafeLoader):
    """Refuses a name given twice, of which YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - as the library declares it
        names = [name.value for name, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                msg = f"{name!r} is given twice"
                raise yaml.constructor.ConstructorError(None, None, msg, node.start_mark)
        return super().construct_mapping(node, deep)
