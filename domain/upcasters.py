"""From event versions no longer written to the ones that are: pure functions on the payload."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Payload = dict[str, Any]

UPCASTERS: Mapping[str, tuple[str, Callable[[Payload], Payload]]] = MappingProxyType({})
"""Old topic -> (the topic that took its place, how its payload becomes the new one's).

Every topic ever released has a stored example in `tests/golden/`, and each still loads.
"""
