"""A cluster's topics and rights, read and changed: the one place that speaks Kafka's admin client."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import KafkaError, NoError, SecurityDisabledError, for_code

from consumers.broker_trouble import BrokerTrouble
from consumers.kafka_reach import Reach
from spowatch.kafka.topic_plan import (
    AddPartitions,
    Allow,
    CreateTopic,
    Disallow,
    Found,
    FoundTopic,
    SetSetting,
    Step,
)
from spowatch.kafka.topics import Grant, Operation, Resource

_PATIENCE = 10.0
"""Seconds for the first broker to answer, and for each answer after that."""
_ANY_HOST = "*"
_UNKNOWN_TOPIC = 3


class ClusterRefused(Exception):
    """The cluster could not be reached, or would not do what was asked; says which and why."""


class ClusterAdmin:
    """An open connection to a cluster. Every call raises `ClusterRefused`."""

    def __init__(self, reach: Reach, *, patience: float = _PATIENCE) -> None:
        with _explained(f"no Kafka broker at {','.join(reach.brokers)}"):
            self._client = reach.client(
                KafkaAdminClient,
                "spowatch-topics",
                bootstrap_timeout_ms=int(patience * 1000),
                request_timeout_ms=int(patience * 1000),
            )

    def close(self) -> None:
        self._client.close()

    def found(self, names: Collection[str]) -> Found:
        """The cluster as it is, as far as these topics and everybody's rights."""
        with _explained("the cluster could not be read"):
            brokers = len(self._client.describe_cluster()["brokers"])
            return Found(brokers, dict(self._topics(names)), self._grants())

    def seen(self) -> tuple[int, frozenset[str]]:
        """How many brokers there are, and every topic this user is let see."""
        with _explained("the cluster could not be read"):
            brokers = len(self._client.describe_cluster()["brokers"])
            return brokers, frozenset(self._client.list_topics())

    def do(self, step: Step) -> None:
        """Take one step, and return when the cluster has taken it."""
        with _explained(f"refused: {step}"):
            match step:
                case CreateTopic():
                    self._create(step)
                case AddPartitions(name, partitions):
                    self._client.create_partitions({name: partitions})
                case SetSetting(name, setting, value):
                    self._set(name, setting, value)
                case Allow(grant):
                    self._allow(grant)
                case Disallow(grant):
                    self._disallow(grant)

    def _topics(self, names: Collection[str]) -> Iterator[tuple[str, FoundTopic]]:
        for told in self._client.describe_topics(list(names)):
            if told["error_code"] == _UNKNOWN_TOPIC:
                continue
            if told["error_code"]:
                raise for_code(told["error_code"])(told["name"])
            copies = {len(each["replica_nodes"]) for each in told["partitions"]}
            settings = self._settings(told["name"])
            yield told["name"], FoundTopic(len(told["partitions"]), min(copies), settings)

    def _settings(self, name: str) -> dict[str, str]:
        asked = [ConfigResource(ConfigResourceType.TOPIC, name)]
        told = self._client.describe_configs(asked, config_filter="all")["topic"][name]
        return {setting: entry["value"] for setting, entry in told.items()}

    def _grants(self) -> frozenset[Grant] | None:
        everything = _filter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
        try:
            acls, error = self._client.describe_acls(everything)
        except SecurityDisabledError:
            return None
        if error is SecurityDisabledError:
            return None
        if error is not NoError:
            raise error
        return frozenset(_grants_of(acls))

    def _create(self, step: CreateTopic) -> None:
        wanted = {
            "num_partitions": step.partitions,
            "replication_factor": step.copies,
            "configs": dict(step.settings),
        }
        self._client.create_topics({step.name: wanted}, wait_for_metadata=True)

    def _set(self, name: str, setting: str, value: str) -> None:
        changed = ConfigResource(ConfigResourceType.TOPIC, name, configs={setting: value})
        self._client.alter_configs([changed])

    def _allow(self, grant: Grant) -> None:
        allowed = ACL(
            principal=grant.principal,
            host=_ANY_HOST,
            operation=_OPERATIONS[grant.operation],
            permission_type=ACLPermissionType.ALLOW,
            resource_pattern=ResourcePattern(_TYPES[grant.resource], grant.name, _pattern(grant)),
        )
        for _, error in self._client.create_acls([allowed])["failed"]:
            raise error

    def _disallow(self, grant: Grant) -> None:
        gone = _filter(
            _TYPES[grant.resource],
            grant.name,
            _pattern(grant),
            principal=grant.principal,
            operation=_OPERATIONS[grant.operation],
        )
        for _, _, error in self._client.delete_acls([gone]):
            if error is not NoError:
                raise error


_OPERATIONS = {Operation.READ: ACLOperation.READ, Operation.WRITE: ACLOperation.WRITE}
_TYPES = {Resource.TOPIC: ResourceType.TOPIC, Resource.GROUPS: ResourceType.GROUP}


def _pattern(grant: Grant) -> ACLResourcePatternType:
    if grant.resource is Resource.GROUPS:
        return ACLResourcePatternType.PREFIXED
    return ACLResourcePatternType.LITERAL


def _filter(
    kind: ResourceType,
    name: str | None,
    pattern: ACLResourcePatternType,
    *,
    principal: str | None = None,
    operation: ACLOperation = ACLOperation.ANY,
) -> ACLFilter:
    return ACLFilter(
        principal=principal,
        host=_ANY_HOST,
        operation=operation,
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePatternFilter(kind, name, pattern),
    )


def _grants_of(acls: Iterable[ACL]) -> Iterator[Grant]:
    """Those that have the shape of ours; others are somebody else's business."""
    operations = {theirs: ours for ours, theirs in _OPERATIONS.items()}
    types = {theirs: ours for ours, theirs in _TYPES.items()}
    for acl in acls:
        operation = operations.get(acl.operation)
        resource = types.get(acl.resource_pattern.resource_type)
        if operation is None or resource is None:
            continue
        grant = Grant(acl.principal, operation, resource, acl.resource_pattern.resource_name)
        if acl.resource_pattern.pattern_type is _pattern(grant):
            yield grant


@contextmanager
def _explained(doing: str) -> Iterator[None]:
    try:
        yield
    except BrokerTrouble as trouble:
        msg = f"{doing}: {trouble}"
        raise ClusterRefused(msg) from None
    except KafkaError as error:
        msg = f"{doing}: {_reason(error)}"
        raise ClusterRefused(msg) from None


def _reason(error: KafkaError) -> str:
    """The broker's own sentence, where the client has wrapped it in both messages."""
    _, told, rest = str(error).partition("error_message='")
    return rest.partition("', ")[0] if told else f"{type(error).__name__}: {error}"
