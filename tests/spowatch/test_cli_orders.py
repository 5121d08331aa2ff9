from domain.facts.court import AppealDismissed
from spowatch.cli.output import BAD_INPUT, DONE, REFUSED
from spowatch.wording.timeline import in_words
from tests.spowatch.counter import PERSONAL, REF, ZONE, Counter


def test_an_order_is_shown_with_its_terms_its_duties_and_what_was_found(desk: Counter) -> None:
    desk.order_served()
    desk.zone_breach()

    shown = desk.run("order", "show", REF, "--json").json

    assert (shown["status"], shown["in_force"]) == ("breached", "full")
    assert shown["terms"]["conditions"][0]["wording"] == ZONE["wording"]
    assert [(duty["kind"], duty["state"]) for duty in shown["duties"]] == [("initial", "met")]
    assert len(shown["findings"]) == 1
    assert "breached(1)" in shown["facets"]


def test_the_timeline_tells_every_event_in_words(desk: Counter) -> None:
    desk.order_served()
    desk.zone_breach()
    desk.tell("BreachRetracted", desk.ago(seconds=1), incident="CAD-1")

    shown = desk.run("order", "show", REF, "--json").json
    told = [entry["what"] for entry in shown["timeline"]]

    assert len(told) == shown["version"]
    assert told[0].startswith("Record opened by Kent")
    assert any(words.startswith("Order served: ") for words in told)
    assert any(words.startswith("FOUND: breach of P-ZONE-DIST") for words in told)
    assert any(words.startswith("Withdrawn (report retracted)") for words in told)


def test_a_kind_of_fact_nobody_wrote_words_for_is_said_by_its_name() -> None:
    assert in_words(AppealDismissed()) == "Appeal dismissed"


def test_a_refused_fact_is_shown_with_its_section(desk: Counter) -> None:
    desk.order_served()
    desk.tell("OrderVaried", desk.ago(hours=1), applicant="neighbour")

    refused = desk.run("order", "show", REF, "--json").json["refused"]

    assert [each["fact"] for each in refused] == ["OrderVaried"]
    assert refused[0]["section"].startswith("SPA 2019 s.4")
    assert "REFUSED" in desk.run("order", "show", REF).out


def test_as_at_shows_only_what_was_known_then(desk: Counter) -> None:
    desk.order_served()
    desk.zone_breach()

    then = desk.run("order", "show", REF, "--as-at", desk.ago(days=5), "--json").json
    before_service = desk.run("order", "show", REF, "--as-at", desk.ago(days=10, minutes=30)).out

    assert (then["status"], then["findings"]) == ("full_granted", [])
    assert "BreachReported" not in str(then["timeline"])
    assert "NOT ON RECORD" in before_service


def test_before_anything_was_known_there_is_nothing_to_show(desk: Counter) -> None:
    desk.order_served()

    said = desk.run("order", "show", REF, "--as-at", desk.ago(days=900))

    assert said.status == REFUSED
    assert "nothing was known" in said.err


def test_a_time_without_an_offset_is_bad_input(desk: Counter) -> None:
    said = desk.run("order", "show", REF, "--as-at", "2026-11-21T10:00", "--json")

    assert said.status == BAD_INPUT
    assert "offset" in said.json["error"]


def test_an_unknown_reference_is_said_to_be_unknown(desk: Counter) -> None:
    said = desk.run("order", "show", "NOPE/1", "--json")

    assert said.status == REFUSED
    assert said.json["error"].startswith("UNKNOWN_ORDER")


def test_an_erased_person_leaves_the_order_readable(desk: Counter) -> None:
    desk.order_served()
    desk.zone_breach()
    desk.erase()

    said = desk.run("order", "show", REF)

    assert said.status == DONE
    assert PERSONAL[0] not in said.out
    assert "full, made" in said.out


def test_the_list_shows_where_orders_stand_and_nobody_by_name(desk: Counter) -> None:
    desk.order_served()
    desk.order_made(ref="KENT/2026/00002")
    desk.zone_breach()

    listed = desk.run("orders", "list", "--json")

    assert [row["order"] for row in listed.json["orders"]] == [REF, "KENT/2026/00002"]
    assert [row["status"] for row in listed.json["orders"]] == ["breached", "full_granted"]
    for out in (listed.out, desk.run("orders", "list").out):
        assert not [words for words in PERSONAL if words in out]


def test_the_list_can_be_narrowed_and_continued(desk: Counter) -> None:
    for number in (1, 2, 3):
        desk.order_made(ref=f"KENT/2026/0000{number}")
    desk.zone_breach(ref=REF)

    first = desk.run("orders", "list", "--limit", "2", "--json").json
    rest = desk.run("orders", "list", "--after", str(first["next"]), "--json").json
    met = desk.run("orders", "list", "--force", "Metropolitan Police", "--json").json
    granted = desk.run("orders", "list", "--status", "full_granted", "--json").json

    assert [row["order"] for row in rest["orders"]] == ["KENT/2026/00003"]
    assert met["orders"] == []
    assert len(granted["orders"]) == 3


def test_a_status_that_no_order_has_is_bad_input_and_those_there_are_are_named(
    desk: Counter,
) -> None:
    said = desk.run("orders", "list", "--status", "in-force")

    assert said.status == BAD_INPUT
    assert "there is no status 'in-force'" in said.err
    assert "interim_granted" in said.err


def test_an_unknown_force_is_bad_input(desk: Counter) -> None:
    said = desk.run("orders", "list", "--force", "Kentish")

    assert said.status == BAD_INPUT
    assert "unknown force" in said.err
