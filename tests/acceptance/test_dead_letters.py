"""A damaged record is mended, and what was set aside because of it is raised and said after all."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from consumers.reconciler import GRACE
from domain.alerts import AlertRaised
from domain.dossier import order_id
from domain.line_tests import LineTest, line_test_stream
from domain.unread import MessageSettled, MessageUnread, record_unread, unread_stream
from spowatch.open_store import Store
from spowatch.sheet_names import SheetName
from spowatch.sheets import digests, rebuilt
from tests.consumers.outside import Outside
from tests.consumers.test_episodes import again, broken, cases
from tests.consumers.test_reconciler import reconciling
from tests.forked_program import run
from tests.servers.receiver import receiving
from tests.stories import NOW, breach, served_order, store_at, tell, work_until_idle

_STATE = "FROM events WHERE originator_id = ? AND originator_version = ?"


class Damage:
    """One stored event that a disk has spoilt, and its backup."""

    def __init__(self, store: Store, stream: UUID, version: int) -> None:
        self._path = store.settings.log_path
        self._place = stream.bytes, version
        with closing(sqlite3.connect(self._path)) as log:
            [(self._whole,)] = log.execute(f"SELECT state {_STATE}", self._place).fetchall()
        self._write(b"\x00")

    def mend(self) -> None:
        self._write(self._whole)

    def _write(self, state: bytes) -> None:
        sql = "UPDATE events SET state = ? WHERE originator_id = ? AND originator_version = ?"
        with closing(sqlite3.connect(self._path)) as log, log:
            log.execute(sql, (state, *self._place))


def command(store: Path, *words: str) -> tuple[int, list[dict[str, Any]]]:
    done = run("dead-letters", *words, "--json", "--data-dir", str(store))
    return done.returncode, next(iter(json.loads(done.stdout).values()))


def test_a_finding_that_could_not_be_read_is_an_alert_once_it_can(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        damage = Damage(store, order_id("KENT-1"), 2)
        said = work_until_idle(store, "alert", "deliver")
        assert [each["what"] for each in said] == ["parked"]
        with reconciling(store) as reconciler:  # past the finding, as the desk is
            reconciler.after(GRACE)

        status, [row] = command(tmp_path, "list")
        assert (status, row["reader"], row["fault"]) == (1, "arrest-desk", "UnreadableEvent")
        status, [row] = command(tmp_path, "redrive", "--as", "K1234")
        assert (status, row["still_unreadable"]) == (1, "UnreadableEvent")

        damage.mend()
        status, [row] = command(tmp_path, "redrive", "--as", "K1234")
        assert (status, row["order"], row["still_unreadable"]) == (0, "KENT-1", None)
        assert command(tmp_path, "list") == (0, [])
        with reconciling(store) as reconciler:
            reconciler.after(GRACE)
        said = work_until_idle(store, "alert", "deliver")
        assert [each.get("code") for each in said] == ["BREACH_ARREST"]
        assert command(tmp_path, "redrive", "--as", "K1234") == (0, [])


def test_an_alert_that_could_not_be_said_is_said_once_it_can(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        work_until_idle(store, "alert")
        damage = Damage(store, raised(store), 1)
        assert [each["what"] for each in work_until_idle(store, "deliver")] == ["parked"]
        damage.mend()
        status, [row] = command(tmp_path, "redrive", "--as", "K1234")
        assert (status, row["reader"]) == (0, "console")
        assert [each["what"] for each in work_until_idle(store, "deliver")] == ["raised"]


def test_what_is_damaged_again_is_put_before_a_person_again(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        work_until_idle(store, "alert")
        damage = Damage(store, raised(store), 1)
        work_until_idle(store, "deliver")
        damage.mend()
        command(tmp_path, "redrive", "--as", "K1234")
        again = Damage(store, raised(store), 1)
        assert [each["what"] for each in work_until_idle(store, "deliver")] == ["parked"]
        assert len(command(tmp_path, "list")[1]) == 1
        again.mend()
        assert command(tmp_path, "redrive", "--as", "K1234")[0] == 0
        assert [each["what"] for each in work_until_idle(store, "deliver")] == ["raised"]


def test_every_sheet_takes_in_what_it_was_without(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        work_until_idle(store, "project")
        tell(store, "KENT-1", breach())
        damage = Damage(store, order_id("KENT-1"), 2)
        work_until_idle(store, "project")
        damage.mend()
        status, rows = command(tmp_path, "redrive", str(order_id("KENT-1")), "--as", "K1234")
        assert status == 0
        assert {"caseload", "order_register"} <= {row["reader"] for row in rows}
        found = digests(store)
        for name in SheetName:
            rebuilt(store, name)
        assert digests(store) == found


def test_a_receiver_outside_is_told_once_it_can_be_read(tmp_path: Path) -> None:
    with store_at(tmp_path) as store, receiving() as endpoint:
        outside = Outside(store, endpoint)
        outside.breaches(1)
        damage = Damage(store, raised(store), 1)
        lane = outside.lane()
        assert lane.work(0) == 0
        damage.mend()
        assert command(tmp_path, "redrive", "--as", "K1234")[0] == 0
        assert lane.work(0) == 1
        assert len(outside.ids) == 1


def test_an_earlier_alert_sounds_again_once_the_new_one_can_be_read(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        broken(store, "KENT-1", 1)
        again(store)
        broken(store, "KENT-1", 2)
        _, second = cases(store)
        damage = Damage(store, second.id, 1)
        again(store)
        damage.mend()
        assert cases(store)[0].resounded == set()
        assert command(tmp_path, "redrive", "--as", "K1234")[0] == 0
        again(store)
        assert cases(store)[0].resounded == {second.id}


def test_what_a_person_discards_waits_no_more_and_who_and_why_stay(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        damage = Damage(store, order_id("KENT-1"), 2)
        work_until_idle(store, "alert")
        stream = str(order_id("KENT-1"))
        status, [row] = command(tmp_path, "show", stream)
        assert (status, row["order"], row["still_unreadable"]) == (0, None, "UnreadableEvent")
        damage.mend()
        assert command(tmp_path, "show", stream)[1][0]["order"] == "KENT-1"
        why = ("--as", "K1234", "--reason", "dealt with on paper")
        assert command(tmp_path, "discard", stream, *why)[0] == 0
        assert command(tmp_path, "list") == (0, [])
        assert run("dead-letters", "show", stream, "--data-dir", str(tmp_path)).returncode == 1
        [kept] = store.log.select_notifications(1, 10, topics=["spo.event-discarded.v1"])
        recorded = store.mapper.to_domain_event(kept)
        with reconciling(store) as reconciler:
            reconciler.after(GRACE)
    assert recorded.envelope.actor == "K1234"
    assert recorded.event.reason == "dealt with on paper"  # type: ignore[attr-defined]  # what stands there is known


def test_a_message_nobody_could_read_waits_until_a_person_settles_what_it_was(
    tmp_path: Path,
) -> None:
    place = {"topic": "spo.intake.v1", "partition": 2, "offset": 7, "reader": "intake"}
    unread = MessageUnread.model_validate(place | {"reason": "not JSON", "sha256": "ab"})
    stream = str(unread_stream(unread))
    settle = ("settle", stream, "--as", "K1234", "--reason", "asked its sender", "--turned-out")
    with store_at(tmp_path) as store:
        record_unread(store.register, [unread], NOW)
        [said] = work_until_idle(store, "deliver")
        assert (said["what"], said["stream"]) == ("unread", stream)
        for words in (["list"], ["show", stream]):
            [row] = told(tmp_path, *words)["messages"]
            assert (row["stream"], row["reason"], row["offset"]) == (stream, "not JSON", 7)
        lines = run("dead-letters", "list", "--data-dir", str(tmp_path))
        assert (lines.returncode, "spo.intake.v1 2 7  not JSON" in lines.stdout) == (1, True)
        assert run("dead-letters", *settle, "lost", "--data-dir", str(tmp_path)).returncode == 2
        assert told(tmp_path, *settle, "sent_again") == {"settled": [stream]}
        assert told(tmp_path, "list") == {"parked": [], "messages": []}
        twice = run("dead-letters", *settle, "no_report", "--data-dir", str(tmp_path))
        assert (twice.returncode, stream in twice.stderr) == (1, True)
        record_unread(store.register, [unread], NOW)  # met again, as a broker delivers twice
        assert told(tmp_path, "list")["messages"] == []
        [kept] = store.log.select_notifications(1, 10, topics=[MessageSettled.TOPIC])
        recorded = store.mapper.to_domain_event(kept)
    assert (recorded.envelope.actor, recorded.envelope.role) == ("K1234", "on_call")
    assert recorded.event == MessageSettled.model_validate_json(
        '{"turned_out": "sent_again", "reason": "asked its sender"}'
    )


def told(store: Path, *words: str) -> Any:
    return json.loads(run("dead-letters", *words, "--json", "--data-dir", str(store)).stdout)


def test_what_was_never_parked_is_said(tmp_path: Path) -> None:
    with store_at(tmp_path):
        words = ("--as", "K1234", "--data-dir", str(tmp_path))
        unknown = run("dead-letters", "redrive", str(order_id("KENT-9")), *words)
        wrong = run("dead-letters", "redrive", "KENT-9", *words)
    assert (unknown.returncode, wrong.returncode) == (1, 2)
    assert "nothing is parked" in unknown.stderr
    assert "spowatch dead-letters list" in wrong.stderr


def raised(store: Store) -> UUID:
    [found] = store.log.select_notifications(1, 10, topics=[AlertRaised.TOPIC])
    assert isinstance(found.originator_id, UUID)
    return found.originator_id


def test_a_line_test_that_cannot_be_read_keeps_no_alert_back_on_either_road(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        for number, role in enumerate(("nobody", "arrest-desk")):
            test = LineTest(line_test_stream(number))
            test.begin(NOW)
            if number:
                test.raise_(role, NOW)
            store.register.keep([test])
            Damage(store, test.id, test.version)
        tell(store, "KENT-1", *served_order(), breach())
        with reconciling(store) as reconciler:
            reconciler.after(GRACE)
        tell(store, "KENT-2", *served_order(), breach())
        said = work_until_idle(store, "alert", "deliver")
    assert [each["order"] for each in said if each["what"] == "raised"] == ["KENT-1", "KENT-2"]
