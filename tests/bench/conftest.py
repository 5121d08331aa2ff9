"""What the measures that are also tests run on."""

from tests.servers.postgres import postgres

__all__ = ["postgres"]
