"""The register: one transaction, one answer for one command, and nothing lost to a race."""

import threading
from pathlib import Path
from uuid import UUID

import pytest
from eventsourcing.persistence import IntegrityError

from domain.batches import tell_time
from domain.commands import Answer
from domain.deadlines import Due
from domain.parked import read_parked
from domain.races import retried
from domain.refusals import Refused
from domain.submissions import OrderChanged
from spowatch.facts_file import Line
from spowatch.importing import import_line, spoken
from tests.stories import NOW, answers, breach, fact, served_order, store_at, tell


def test_a_repeated_command_gets_the_first_answer_and_records_nothing(tmp_path: Path) -> None:
    report = breach() | {"command_id": "c-1"}
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        first = answers(tell(store, "KENT-1", report))[0]
        head = store.log.max_notification_id()
        again = answers(tell(store, "KENT-1", report))[0]
        assert store.log.max_notification_id() == head
    assert again.repeated
    assert (again.event_ids, again.version) == (first.event_ids, first.version)


def test_a_command_repeated_with_other_words_still_gets_the_first_answer(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        first = answers(tell(store, "KENT-1", breach() | {"command_id": "c-1"}))[0]
        other = breach(condition="P-ZONE-DIST") | {"command_id": "c-1"}
        assert answers(tell(store, "KENT-1", other))[0].event_ids == first.event_ids


def test_a_command_for_another_version_decides_nothing_and_its_repetition_is_answered(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        version, head = store.register.order("KENT-1").version, store.log.max_notification_id()

        def report(at_version: int) -> Answer:
            line = Line(1, case={"order": "KENT-1", "given": [breach() | {"command_id": "c-1"}]})
            told = import_line(line, store.register, now=NOW, at_version=at_version)
            return answers(told)[0]

        with pytest.raises(OrderChanged) as changed:
            report(version - 1)
        assert (changed.value.version, store.log.max_notification_id()) == (version, head)
        first = report(version)
        assert (first.repeated, report(version).repeated) == (False, True)


def test_a_refused_command_is_refused_again_with_the_same_code(tmp_path: Path) -> None:
    refused = fact("OrderRenewed", "2026-12-01T09:00:00+00:00", applicant="victim")
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        codes = [
            answers(tell(store, "KENT-1", refused | {"command_id": "c-2"}))[0].refused_as
            for _ in range(2)
        ]
    assert codes == ["S4_APPLICANT_NOT_ELIGIBLE"] * 2


def test_the_same_key_twice_in_one_line_is_one_command(tmp_path: Path) -> None:
    report = breach() | {"command_id": "c-1"}
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        first, second = answers(tell(store, "KENT-1", report, report))
    assert second.repeated
    assert first.event_ids == second.event_ids


def test_two_officers_on_one_order_are_both_recorded_without_a_gap(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())

        def report(name: str) -> None:
            for minute in range(10):
                at = f"2026-12-05T2{minute % 3}:{minute:02}:00+00:00"
                tell(
                    store,
                    "KENT-1",
                    breach(at, t="2026-12-05T23:50:00+00:00", incident=f"{name}{minute}"),
                )

        threads = [threading.Thread(target=report, args=(name,)) for name in "AB"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        order = store.register.order("KENT-1")
        stream = list(store.register.events.get(order.id))
    assert [each.originator_version for each in stream] == list(range(1, len(stream) + 1))
    reported = [each.event for each in order.facts if type(each.event).__name__ == "BreachReported"]
    assert len(reported) == 20


def test_an_unknown_reference_is_refused_by_name(tmp_path: Path) -> None:
    with store_at(tmp_path) as store, pytest.raises(Refused) as refusal:
        store.register.order("NOWHERE-1")
    assert refusal.value.refusal.code == "UNKNOWN_ORDER"


def test_a_breach_under_an_unknown_reference_is_kept_and_put_before_a_person(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        (answer,) = answers(tell(store, "KENT-9", breach()))
        assert answer.refused_as == "ORDER_NOT_IN_FORCE_AT_OCCURRENCE"
        standing = store.register.order("KENT-9").position(NOW).findings
    assert [getattr(finding, "concern", None) for finding in standing] == ["conduct_no_order"]


def test_that_report_becomes_a_breach_when_the_order_is_entered(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-9", breach())
        late = [
            each | {"data": each["data"] | {"recorded_at": "2026-12-06T10:00:00+00:00"}}
            for each in served_order()
        ]
        tell(store, "KENT-9", *late)
        standing = store.register.order("KENT-9").position(NOW).findings
    assert "arrest" in {str(getattr(finding, "judgement", "")) for finding in standing}


def test_an_order_of_one_force_is_not_entered_by_another(tmp_path: Path) -> None:
    granted = served_order()[1]
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", served_order()[0])
        (answer,) = answers(tell(store, "KENT-1", granted | {"force": "Surrey"}))
    assert answer.refused_as == "ORDER_OF_ANOTHER_FORCE"


def test_a_rehearsal_saves_nothing(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        case = {"order": "KENT-1", "given": served_order()}
        outcome = import_line(Line(1, case=case), store.register, now=NOW, dry_run=True)
        assert len(outcome.answers) == 4
        assert store.log.max_notification_id() is None


def test_sweeps_in_between_do_not_make_a_new_fact_withdraw_what_stands(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order()[:-1])
        order = store.register.order("KENT-1")
        tell_time(store.register, [Due(order.id, NOW, order.version)], NOW)
        before = len(store.register.order("KENT-1").withdrawn)
        tell(store, "KENT-1", breach())
        assert len(store.register.order("KENT-1").withdrawn) == before


def test_what_another_process_wrote_in_between_is_seen_before_deciding(tmp_path: Path) -> None:
    ended = fact("OrderDischarged", "2026-12-01T09:00:00+00:00")
    late = breach("2026-12-05T21:00:00+00:00")
    with store_at(tmp_path) as first, store_at(tmp_path) as second:
        tell(first, "KENT-1", *served_order())
        tell(second, "KENT-1", ended)
        (answer,) = answers(tell(first, "KENT-1", late))
    assert answer.refused_as == "ORDER_NOT_IN_FORCE_AT_OCCURRENCE"


def test_a_rehearsed_fact_leaves_nothing_behind_for_the_next_command(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        case = {"order": "KENT-1", "given": [fact("OrderDischarged", "2026-12-01T09:00:00+00:00")]}
        import_line(Line(1, case=case), store.register, now=NOW, dry_run=True)
        (answer,) = answers(tell(store, "KENT-1", breach()))
    assert answer.refused_as is None


def test_a_fact_on_an_order_nobody_opened_is_refused_and_opens_nothing(tmp_path: Path) -> None:
    custody = fact("CustodyStarted", "2026-12-01T09:00:00+00:00")
    with store_at(tmp_path) as store:
        (answer,) = answers(tell(store, "KENT-9", custody))
        assert answer.refused_as == "UNKNOWN_ORDER"
        assert store.log.max_notification_id() is None


def test_another_force_may_report_a_breach_of_an_order(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        (answer,) = answers(tell(store, "KENT-1", breach() | {"force": "Surrey"}))
    assert answer.refused_as is None


def test_nothing_is_parked_where_nothing_was(tmp_path: Path) -> None:
    with store_at(tmp_path) as store, pytest.raises(LookupError):
        read_parked(store.register, UUID(int=9))


def test_a_conflict_that_does_not_end_rises_after_eight_tries() -> None:
    tries: list[int] = []

    def beaten() -> None:
        tries.append(1)
        raise IntegrityError

    with pytest.raises(IntegrityError):
        retried(beaten)
    assert len(tries) == 8


def test_whose_an_order_is_assumed_to_be_is_said_and_gives_way_to_what_is_named(
    tmp_path: Path,
) -> None:
    granted = fact("FullOrderGranted", "2026-11-20T14:00:00+00:00", until="further_order")
    case = {"order": "ESX-1", "given": [granted]}
    with store_at(tmp_path) as store:
        nobodys = import_line(Line(1, case=case | {"order": "WHO-2"}), store.register, now=NOW)
        named = import_line(Line(1, case=case | {"force": "Essex"}), store.register, now=NOW)
        order = store.register.order("ESX-1")
    (said,), (other,) = nobodys.report(), named.report()
    assert (said["force_assumed"], "force_assumed" in other) == ("Kent", False)
    assert "names no force; it is kept as an order of Kent" in (spoken(said) or "")
    assert (order.force, order.facts[0].event.force) == ("Essex", "Essex")  # type: ignore[attr-defined]  # an application is assumed


def test_a_breach_of_an_order_nobody_knows_is_kept_though_no_force_is_named(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        case = {"order": "WHO-1", "given": [breach()]}
        outcome = import_line(Line(1, case=case), store.register, now=NOW)
        assert (outcome.error, store.register.knows("WHO-1")) == (None, True)
