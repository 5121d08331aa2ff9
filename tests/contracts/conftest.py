"""The servers that tests in this folder can ask for."""

from tests.servers.kafka import kafka
from tests.servers.postgres import postgres

__all__ = ["kafka", "postgres"]
