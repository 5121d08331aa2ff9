"""A person who breaks an order again, in the running program; the board's test shows what its owner sees."""

from pathlib import Path

from tests.acceptance.case_files import new_store
from tests.acceptance.systems import bring_in, rows_of, up

RESOUNDED = "spo.alert-resounded.v1"
ROLES = ("alert", "episodes")


def test_each_breach_sounds_each_earlier_alert_once_though_the_role_was_killed(
    tmp_path: Path,
) -> None:
    store = new_store(tmp_path / "store")
    with up(store, *ROLES) as system:
        bring_in(store, "first", "second")
        assert len(rows_of(store, RESOUNDED, there=bool)) == 1
        system.kill()
    with up(store, *ROLES):
        bring_in(store, "first", "second", "third")
        sounded = rows_of(store, RESOUNDED, there=lambda count: count >= 3)
    streams = [row["stream"] for row in sounded]
    assert sorted(map(streams.count, set(streams))) == [1, 2]
