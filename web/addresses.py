"""Where a record is found: an address holds a reference only where that cannot be somebody's name."""

import re
from urllib.parse import quote
from uuid import UUID

_REFERENCE = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9_./-]{0,63}")


def order_path(reference: str, identity: UUID) -> str:
    """The order's page. A reference in words, as `R v Mercer`, stays out of addresses and of what logs them."""
    safe = _REFERENCE.fullmatch(reference) is not None
    return f"/orders/{quote(reference)}" if safe else f"/orders/{identity}"


def person_path(subject: UUID) -> str:
    return f"/people/{subject}"
