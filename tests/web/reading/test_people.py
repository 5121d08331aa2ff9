"""People are found by name or reference in a form, and every record shown is on the log first."""

from datetime import UTC, datetime
from time import monotonic, sleep

from requests import Response

from domain.consultations import Consultation, RecordConsulted
from domain.dossier import subject_id
from tests.program import PATIENCE
from tests.stories import fact, tell
from tests.web.reading.conftest import ago, shown, told
from tests.web.site import Caller, Site, order_in_force


def found(reader: Caller, words: str, name: str) -> Response:
    """The answer, once that name is in it: pages learn names from the log a moment after."""
    deadline = monotonic() + PATIENCE
    while name not in (answer := reader.post("/people", words=words)).text:
        assert monotonic() < deadline, answer.text
        sleep(0.02)
    return answer


def test_a_person_is_found_by_name_and_their_page_shows_every_order(
    force_at_work: Site, reader: Caller
) -> None:
    for reference, force in (("KENT-2026-31", "Kent"), ("SUSSEX-2026-31", "Sussex")):
        outcome = tell(
            force_at_work.store, reference, *order_in_force(force, name="Piers Pattern"),
            now=datetime.now(UTC), force=force, person="PNC:P-31",
        )  # fmt: skip
        assert not outcome.refused
    tell(force_at_work.store, "KENT-2026-31", fact("NameUsed", ago(days=2), name="Percy Alias"),
         now=datetime.now(UTC))  # fmt: skip
    force_at_work.breach("SUSSEX-2026-31")
    answer = found(reader, "pier patt", "Piers Pattern")
    assert "Piers" not in answer.url
    shown(force_at_work)
    page = reader.get(f"/people/{subject_id('PNC:P-31')}").text
    for words in ("Percy Alias", "KENT-2026-31", "SUSSEX-2026-31", "FOUND: breach of"):
        assert words in page
    assert "Vera" not in page


def test_each_order_that_a_page_tells_of_is_on_record_for_the_force_whose_it_is(
    force_at_work: Site, reader: Caller
) -> None:
    kents, essexs = "KENT-2026-32", "ESSEX-2026-32"
    for reference, force in ((kents, "Kent"), (essexs, "Essex")):
        told(force_at_work, reference, *order_in_force(force), force=force, person="PNC:P-32")
    force_at_work.breach(essexs, occurred_at=ago(hours=1))
    force_at_work.breach(kents)
    alert, _ = (force_at_work.alert(each) for each in (kents, essexs))
    shown(force_at_work)
    deadline = monotonic() + PATIENCE
    while essexs not in reader.get(f"/orders/{kents}").text:
        assert monotonic() < deadline, f"{essexs} never stood beside {kents}"
    read = {"X-Purpose": "managing"}
    for path, what in (
        (f"/orders/{kents}", "order"),
        (f"/people/{subject_id('PNC:P-32')}", "person"),
        (f"/alerts/{alert}", "briefing"),
        (f"/api/v1/alerts/{alert}/briefing", "briefing"),
    ):
        before = len(force_at_work.recorded(RecordConsulted.TOPIC))
        page = reader.get(path, **read).text
        assert (kents in page, essexs in page) == (True, True), path
        assert _read(force_at_work)[before:] == [(what, kents), (what, essexs)]
    reviewer = Caller(force_at_work, "77", "Essex", "reviewer")
    assert essexs in reviewer.get("/audit/consultations").text


def _read(site: Site) -> list[tuple[str, str]]:
    """What was read of which order, in the order of the log."""
    streams = site.recorded(RecordConsulted.TOPIC)
    read = [site.store.register.read(Consultation(each)).consulted for each in streams]
    return [(each.what, each.reference) for each in read if isinstance(each, RecordConsulted)]


def test_a_reference_leads_to_its_order(reader: Caller) -> None:
    answer = reader.post("/people", words="kent-2026-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders/KENT-2026-1")
    assert "KENT-2026-2" in reader.post("/people", words="KENT-2026").text


def test_nobody_is_found_by_the_name_of_whom_the_order_protects(reader: Caller) -> None:
    page = reader.post("/people", words="Vera Sample").text
    assert "0 orders found" in page
    assert "KENT-2026-1" not in page


def test_what_a_search_shows_is_on_record_and_without_that_nothing_is_shown(
    force_at_work: Site, reader: Caller
) -> None:
    found(reader, "mercer", "Ryan Mercer")
    before = len(force_at_work.recorded(RecordConsulted.TOPIC))
    assert "Ryan Mercer" in reader.post("/people", words="mercer").text
    assert len(force_at_work.recorded(RecordConsulted.TOPIC)) == before + 1
    with force_at_work.nobody_can_write():
        answer = reader.post("/people", words="mercer")
    assert answer.status_code == 503
    assert "Ryan" not in answer.text


def test_somebody_of_another_force_is_as_if_there_were_nobody(reader: Caller) -> None:
    assert "Owen" not in reader.post("/people", words="owen").text
    assert reader.get(f"/people/{subject_id('ESSEX-2026-1')}").status_code == 404
    assert reader.get(f"/people/{subject_id('nobody')}").status_code == 404


def test_a_search_for_nothing_says_what_to_enter(reader: Caller) -> None:
    answer = reader.post("/people", words="  ")
    assert answer.status_code == 422
    assert "Enter a name, a PNC id or an order reference" in answer.text
    assert "0 orders found" in reader.post("/people", words="<zzzz>").text
