"""What keeps us from a broker, in words that say what to do. Loads no client of Kafka's."""


class BrokerTrouble(Exception):
    """Names the setting or the command that ends it, never the value of a setting."""


class MissingTopic(BrokerTrouble):
    """The cluster has no such topic, as far as it lets us see."""

    def __init__(self, topic: str) -> None:
        super().__init__(
            f"the cluster has no topic {topic}, or does not let this user see it; "
            "run `spowatch topics apply` as the cluster's administrator"
        )
