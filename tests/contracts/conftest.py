"""The servers that tests in this folder can ask for."""

from tests.servers.kafka import kafka

__all__ = ["kafka"]
