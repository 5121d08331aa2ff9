"""Root leaves nothing in the data directory of the user whom the roles run as."""

from pathlib import Path

import pytest

from spowatch.settings.owner import refused_to

ROOT, ROLES, NOBODY_KNOWN = 0, 65_534, 4_000_123
STORE = Path("/var/lib/spowatch")


def test_root_is_refused_what_is_another_users_and_told_how_to_begin() -> None:
    refusal = refused_to(ROOT, NOBODY_KNOWN, STORE)
    assert refusal is not None
    assert "/var/lib/spowatch belongs to #4000123" in refusal
    assert "runuser -u #4000123 -- env SPO_DATA_DIR=/var/lib/spowatch" in refusal
    assert "\n" not in refusal


@pytest.mark.parametrize(("user", "owner"), [(ROOT, ROOT), (ROLES, ROLES), (ROLES, ROOT)])
def test_everybody_else_is_let_in(user: int, owner: int) -> None:
    assert refused_to(user, owner, STORE) is None
