"""What is said in words about an erased person is refused in words, and everything else is taken."""

import json

from spowatch.cli.output import REFUSED
from spowatch.intake_facts import tell
from spowatch.wiring.store import now
from tests.spowatch.counter import ACCOUNT, NAME, REF, Counter

NAMED: dict[str, object] = {"type": "NameUsed", "data": {"name": NAME}}

APPLIED: dict[str, object] = {
    "type": "ApplicationMade",
    "data": {"applicant": "chief_officer", "force": "Kent", "nexus": "resides",
             "court": "magistrates", "defendant": {"name": NAME, "born": "1988-02-03"}},
}  # fmt: skip


def line(desk: Counter, order: str, *facts: dict[str, object], person: str = "P-1") -> str:
    given = [{"t": desk.ago(minutes=3), **each} for each in facts]
    return json.dumps({"order": order, "person": person, "force": "Kent", "given": given})


def act(desk: Counter, incident: str, **data: object) -> dict[str, object]:
    told = {"occurred_at": desk.ago(minutes=9), "condition": "P-ZONE-DIST", "incident": incident}
    return {"type": "BreachReported", "data": told | data}


def facts_on(desk: Counter, reference: str) -> list[str]:
    with desk.store() as store:
        return [type(each.event).__name__ for each in store.register.order(reference).facts]


def test_an_import_refuses_words_about_the_erased_and_takes_the_rest(desk: Counter) -> None:
    desk.order_served()
    desk.erase()
    before = facts_on(desk, REF)
    lines = (
        line(desk, REF, NAMED, act(desk, "CAD-7")),
        line(desk, "KENT/2026/00002", act(desk, "CAD-8", narrative=ACCOUNT), person="P-2"),
    )
    done = desk.run("import", "-", typed="\n".join(lines))
    assert done.status == REFUSED, done.err
    told = [json.loads(each) for each in done.out.splitlines()]
    refused = [(each["line"], each["fact"], each["code"]) for each in told if "code" in each]
    assert (1, 0, "PERSON_ERASED") in refused
    assert [code for _, _, code in refused].count("PERSON_ERASED") == 1
    assert "without names" in done.out
    assert NAME not in done.out + done.err
    assert facts_on(desk, REF) == [*before, "BreachReported"]
    assert facts_on(desk, "KENT/2026/00002") == ["BreachReported"]


def test_a_new_order_about_the_erased_is_not_begun_in_part(desk: Counter) -> None:
    desk.order_served()
    desk.erase()
    lines = line(desk, "KENT/2026/00003", APPLIED, act(desk, "CAD-9"))
    done = desk.run("import", "-", typed=lines)
    assert (done.status, done.out.count("PERSON_ERASED")) == (REFUSED, 2), done.out
    with desk.store() as store:
        assert not store.register.knows("KENT/2026/00003")
    desk.run("import", "-", typed=line(desk, "KENT/2026/00003", act(desk, "CAD-9")))
    assert facts_on(desk, "KENT/2026/00003").count("BreachReported") == 1


def test_a_message_with_such_words_goes_before_a_person(desk: Counter) -> None:
    desk.order_served()
    desk.erase()
    with desk.store() as store:
        said = line(desk, REF, NAMED).encode()
        why = tell(store, now, said, once="once-1", order=REF.encode())
    assert why is not None
    assert "erased" in why
    assert NAME not in why
