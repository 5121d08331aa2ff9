"""A person who breaks an order again, in the running program."""

from pathlib import Path

from tests.acceptance.case_files import new_store
from tests.acceptance.systems import bring_in, desk, next_alert, rows_of, up

RESOUNDED = "spo.alert-resounded.v1"
OPERATOR = ("--as", "K1001")


def test_a_second_breach_takes_the_first_alert_from_whoever_sits_on_it_once(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    with up(store) as system:
        bring_in(store, "first")
        first = next_alert(system)["alert"]
        assert desk(store, "acknowledge", first, *OPERATOR).returncode == 0
        bring_in(store, "first", "second")
        second = next_alert(system)
        (sounded,) = rows_of(store, RESOUNDED, there=bool)
        assert (sounded["stream"], second["priority"]) == (first, 1)
        refused = desk(store, "task", first, *OPERATOR, "--unit", "KA12", "--incident", "1")
        assert "NOT_THE_OWNER" in refused.stderr
        system.kill()
    with up(store) as again:
        bring_in(store, "first", "second", "third")
        third = next_alert(again)["alert"]
        sounded_since = rows_of(store, RESOUNDED, there=lambda count: count >= 3)[1:]
    assert {row["stream"] for row in sounded_since} == {first, second["alert"]} - {third}
    assert len(sounded_since) == 2
