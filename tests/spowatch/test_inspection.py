"""Inspection: two equal logs share a digest, an export holds nothing personal, the doctor looks."""

from datetime import datetime, timedelta
from pathlib import Path

from domain.lateness import SweptLate, record_lateness
from domain.sheet_audits import SheetAudited, record_audit
from spowatch.doctor.inspection import checks, digest, exported
from spowatch.settings.policy import PolicySettings
from spowatch.wiring.store import migrate, opened, throw_away
from tests.stories import NOW, breach, served_order, store_at, tell, work_until_idle


def test_a_digest_changes_with_every_event_and_not_without(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        first = digest(store)
        assert digest(store) == first
        tell(store, "KENT-1", breach())
        assert digest(store)["log_root"] != first["log_root"]
        assert digest(store, at=first["last_position"]) == first


def test_an_export_names_every_event_its_cause_and_its_command_and_nobody(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach() | {"command_id": "c-7"})
        work_until_idle(store, "alert")
        rows = list(exported(store, start=1))
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    (alert,) = [row for row in rows if row["topic"] == "spo.alert-raised.v1"]
    (finding,) = [row for row in rows if row["topic"] == "spo.breach-recorded.v1"]
    (report,) = [row for row in rows if row["topic"] == "spo.breach-reported.v1"]
    assert alert["cause"] == finding["id"]
    assert finding["cause"] == report["id"]
    assert (report["command_id"], report["order"]) == ("c-7", "KENT-1")
    assert "Alan" not in str(rows)


def test_an_export_says_what_the_machine_put_on_record_of_itself(tmp_path: Path) -> None:
    audit = SheetAudited(orders=3, rows=9, missing=1, surplus=2, moved_meanwhile=0)
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        record_lateness(store.register, 4, NOW - timedelta(hours=1), NOW - timedelta(hours=2), NOW)
        record_audit(store.register, audit, NOW)
        said = {row["topic"]: row["says"] for row in exported(store, start=1) if "says" in row}
    assert said.keys() == {SweptLate.TOPIC, SheetAudited.TOPIC}
    assert said[SheetAudited.TOPIC] == audit.model_dump()
    late = said[SweptLate.TOPIC]
    assert (late["orders"], late["why"], late["late_by_seconds"]) == (
        4,
        "no_sweep_was_running",
        3600,
    )
    assert datetime.fromisoformat(late["silent_since"]) == NOW - timedelta(hours=2)


def test_the_doctor_finds_a_new_store_fit(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        found = {check.check: check.ok for check in checks(store, NOW)}
    assert all(found.values()), found
    assert {"log journal", "log durability", "master key"} <= found.keys()


def test_the_doctor_finds_people_whom_no_channel_reaches(tmp_path: Path) -> None:
    settings = throw_away(tmp_path, with_policy=True)
    migrate(settings)
    with opened(settings) as store:
        (found,) = [each for each in checks(store, NOW) if each.check == "channels to people"]
    assert (found.ok, found.found) == (False, "not set up: mail, text")
    assert "CHANNEL_NOT_SET_UP" in found.remedy


def test_the_doctor_says_what_to_do_where_no_policy_was_ever_readable(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("version = [")
    settings = throw_away(tmp_path / "store")
    settings = settings.model_copy(update={"policy": PolicySettings(file=file)})
    migrate(settings)
    with opened(settings) as store:
        bad = [check for check in checks(store, NOW) if not check.ok]
        assert [check.check for check in bad] == ["policy"]
        assert "not TOML" in bad[0].found
        assert "policy check` on SPO_POLICY__FILE" in bad[0].remedy
        file.write_text("version = 1")
        assert all(check.ok for check in checks(store, NOW))
        file.write_text("version = [")
        (late,) = [check for check in checks(store, NOW) if not check.ok]
        assert (late.check, "goes on meanwhile" in late.remedy) == ("policy", True)


def test_the_doctor_finds_a_master_key_that_others_may_read(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        store.settings.master_key_path.chmod(0o644)
        bad = [check for check in checks(store, NOW) if not check.ok]
    assert [check.check for check in bad] == ["master key"]
