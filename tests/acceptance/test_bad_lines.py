import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.case_files import (
    NOW,
    application,
    breach,
    fact,
    line,
    new_store,
    order_in_force,
    orders_on_record,
    written,
)
from tests.forked_program import run

PERSONAL = "Persephone Quill of 9 Teasel Close"
YEAR_ONE = "0001-01-02T00:00:00Z"
LATER = NOW + timedelta(days=2)


def raw(text: str) -> bytes:
    """One bare fact of order BAD, with `text` where its time stands."""
    return b'{"type":"ApplicationMade","order":"BAD","data":{},"t":%b}' % text.encode()


def at(instant: str) -> bytes:
    return line("BAD", application() | {"t": instant})


def deep(levels: int) -> bytes:
    nested = b'{"a":' * levels + b"1" + b"}" * levels
    return b'{"order":"BAD","given":[{"t":"2026-01-05T10:00:00Z","type":"NameUsed","data":%b}]}' % (
        nested
    )


BAD_LINES = {
    "a fact type nobody knows": (line("BAD", fact("OrderUpdated", NOW)), "type", "unknown"),
    "a key nobody knows": (line("BAD", breach("x") | {"who": PERSONAL}), "who", "unknown key"),
    "a force nobody knows": (line("BAD", application(force="Narnia")), "force", "unknown force"),
    "a time without an offset": (at("2026-01-05T10:00:00"), "t", "has no offset"),
    "a thirteenth month": (at("2026-13-05T10:00:00Z"), "t", "month"),
    "a time in another century": (at("1066-10-14T10:00:00Z"), "t", "before 1900"),
    "a time past the last year there is": (at("9999-12-31T23:59:59-01:00"), "t", ""),
    "a time that is a number": (at(17), "t", "not a time"),  # type: ignore[arg-type]  # it is what is wrong with it
    "a fact of the day after tomorrow": (line("BAD", application(LATER)), "t", "in the future"),
    "an act of the year one": (
        line("BAD", fact("BreachReported", NOW, occurred_at=YEAR_ONE, condition="P-PROXY")),
        "occurred_at",
        "",
    ),
    "a value that is no number": (raw("NaN"), "number", "NaN"),
    "a value beyond all numbers": (raw("-Infinity"), "number", "Infinity"),
    "a number of five thousand digits": (raw("9" * 5000), "", ""),
    "a key that stands twice": (b'{"order":"BAD","order":"BAD","given":[]}', "order", "twice"),
    "a term nobody knows": (
        line("BAD", fact("BreachReported", NOW, occurred_at=NOW.isoformat(), condition="P-MAGIC")),
        "condition",
        "",
    ),
    "an address in the wrong field": (
        line("BAD", fact("BreachReported", NOW, occurred_at=PERSONAL, condition="P-PROXY")),
        "occurred_at",
        "",
    ),
    "five megabytes of text": (
        line("BAD", fact("NameUsed", NOW, name=PERSONAL + "x" * 5_000_000)),
        "line",
        "longer",
    ),
    "a text too long to keep": (
        line("BAD", fact("NameUsed", NOW, name=PERSONAL + "x" * 100_000)),
        "name",
        "",
    ),
    "letters in another encoding": (line("BAD").replace(b"Kent", b"K\xe9nt"), "byte", "UTF-8"),
    "an act at a time without an offset": (
        line(
            "BAD", fact("BreachReported", NOW, occurred_at="2026-01-05T10:00", condition="P-PROXY")
        ),
        "occurred_at",
        "has no offset",
    ),
    "a date of knowledge without an offset": (
        line("BAD", fact("OrderServed", NOW, recorded_at="2026-01-05T10:00:00")),
        "recorded_at",
        "has no offset",
    ),
    "a line break in the reference": (line("BA\nD"), "order", "control character"),
    "a bell in the person's reference": (line("BAD", person="P\a1"), "person", "control"),
    "a null in a command's id": (
        line("BAD", application() | {"command_id": "c\x00"}),
        "given[0].command_id",
        "control character",
    ),
    "an escape sequence in an actor": (
        line("BAD", application() | {"actor": "\x1b[2J"}),
        "given[0].actor",
        "control character",
    ),
    "a tab in a fact's own order": (
        line("BAD", application() | {"order": "BAD\t2"}),
        "given[0].order",
        "control character",
    ),
    "half a letter": (line("BAD").replace(b"Kent", b"K\\ud800nt"), "", ""),
    "half a letter in the reference": (line("BAD").replace(b"BAD", b"BAD\\ud800"), "", ""),
    "three hundred objects in each other": (deep(300), "", ""),
    "a hundred thousand objects in each other": (deep(100_000), "", "deep"),
    "a list where a case should be": (b"[1, 2]", "case", "object"),
    "a case without facts": (b'{"order":"BAD","given":[]}', "given", "no facts"),
    "a reference that is a page long": (line("B" * 300), "order", "short text"),
    "one bad fact among good ones": (
        line("BAD", *order_in_force(), fact("NameUsed", NOW)),
        "given[4].data.name",
        "",
    ),
    "a line cut short": (line("BAD", *order_in_force())[:-40], "column", "not JSON"),
}


@dataclass(frozen=True)
class Brought:
    status: int
    output: str
    by_line: dict[int, dict[str, Any]]
    on_record: dict[str, int]


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Brought:
    """Each bad line, with a good one before and after it, in one file."""
    store = new_store(tmp_path_factory.mktemp("bad") / "store")
    lines = [line("GOOD/0")]
    for number, (bad, _, _) in enumerate(BAD_LINES.values(), start=1):
        lines += [bad, line(f"GOOD/{number}")]
    file = written(store.parent / "facts.jsonl", lines)
    done = run("import", "--json", str(file), "--data-dir", str(store))
    by_line = {said["line"]: said for said in map(json.loads, done.stdout.splitlines())}
    return Brought(done.returncode, done.stdout + done.stderr, by_line, orders_on_record(store))


@pytest.mark.parametrize("what", BAD_LINES)
def test_a_bad_line_is_named_with_what_is_wrong_and_what_to_do(brought: Brought, what: str) -> None:
    _, field, reason = BAD_LINES[what]
    said = brought.by_line[2 * list(BAD_LINES).index(what) + 2]
    assert field in said["field"]
    assert reason in said["reason"]
    assert said["action"]


def test_the_good_lines_are_kept_and_nothing_of_the_bad_ones(brought: Brought) -> None:
    assert brought.status == 2
    assert brought.on_record == {f"GOOD/{number}": 1 for number in range(len(BAD_LINES) + 1)}


def test_nothing_personal_and_nothing_long_is_said_of_a_bad_line(brought: Brought) -> None:
    assert "Persephone" not in brought.output
    assert max(map(len, brought.output.splitlines())) < 1000
    assert "Traceback" not in brought.output


REFUSED = {
    "a grant after the application was withdrawn": (
        [
            application(),
            fact("ApplicationWithdrawn", NOW - timedelta(days=9)),
            fact("FullOrderGranted", NOW, until="further_order"),
        ],
        "NO_APPLICATION_PENDING",
    ),
    "a notification under an order nobody knows": (
        [fact("NotificationReceived", NOW)],
        "UNKNOWN_ORDER",
    ),
    "a grant by a force whose order it is not": (
        [application(), fact("FullOrderGranted", NOW, until="further_order") | {"force": "Essex"}],
        "ORDER_OF_ANOTHER_FORCE",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_law_refuses_is_refused_by_code_and_section(what: str, tmp_path: Path) -> None:
    given, code = REFUSED[what]
    store = new_store(tmp_path / "store")
    file = written(tmp_path / "facts.jsonl", [line("R/1", *given), line("GOOD/1")])
    done = run("import", "--json", str(file), "--data-dir", str(store))
    refusal = json.loads(done.stdout.splitlines()[0])
    assert done.returncode == 1
    assert (refusal["line"], refusal["order"], refusal["code"]) == (1, "R/1", code)
    assert refusal["fact"] == len(given) - 1
    assert refusal["section"]
    assert refusal["reason"]
    assert orders_on_record(store)["GOOD/1"] == 1


def test_a_refused_fact_is_named_by_its_place_in_the_file(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    late_first = [fact("OrderServed", NOW), application(), application(NOW - timedelta(days=1))]
    file = written(tmp_path / "facts.jsonl", [line("R/1", *late_first)])
    done = run("import", "--json", str(file), "--data-dir", str(store))
    said = [json.loads(each) for each in done.stdout.splitlines()]
    refused = {each["fact"]: each["code"] for each in said if "code" in each}
    assert refused == {0: "ORDER_NOT_IN_FORCE", 2: "APPLICATION_ALREADY_MADE"}


def test_a_refused_fact_of_a_persons_second_order_names_that_order(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    given = [
        application() | {"order": "R/1"},
        application() | {"order": "R/2"},
        application(NOW - timedelta(days=1)) | {"order": "R/2"},
    ]
    file = written(tmp_path / "facts.jsonl", [json.dumps({"given": given}).encode()])
    done = run("import", "--json", str(file), "--data-dir", str(store))
    refusal = json.loads(done.stdout.splitlines()[0])
    assert (refusal["order"], refusal["fact"]) == ("R/2", 2)


def test_a_line_that_names_two_orders_is_answered_for_each(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    given = [
        fact("OrderServed", NOW) | {"order": "R/2"},
        application() | {"order": "R/1"},
        application() | {"order": "R/2"},
    ]
    file = written(tmp_path / "facts.jsonl", [json.dumps({"given": given}).encode()])
    done = run("import", "--json", str(file), "--data-dir", str(store))
    refusal, *kept = [json.loads(each) for each in done.stdout.splitlines()]
    assert (refusal["order"], refusal["fact"]) == ("R/2", 0)
    assert [(each["order"], each["accepted"]) for each in kept] == [("R/2", 1), ("R/1", 1)]


def document(*references: str) -> str:
    cases = [json.loads(line(reference)) for reference in references]
    return json.dumps({"cases": cases}, indent=2)


FORMS: dict[str, Callable[[], bytes]] = {
    "lines ended as on Windows": lambda: line("A/1") + b"\r\n" + line("A/2") + b"\r\n",
    "lines behind a byte order mark": lambda: b"\xef\xbb\xbf" + line("A/1") + b"\n" + line("A/2"),
    "a document": lambda: document("A/1", "A/2").encode(),
    "a document behind a byte order mark": lambda: document("A/1", "A/2").encode("utf-8-sig"),
    "a document on one line": lambda: json.dumps(json.loads(document("A/1", "A/2"))).encode(),
    "a document with its first key beside the brace": lambda: (
        b"{ " + document("A/1", "A/2").encode()[1:].lstrip()
    ),
    "lines after empty lines": lambda: b"\n\n" + line("A/1") + b"\n\n" + line("A/2") + b"\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_facts_file_is_read_in_every_form_it_comes_in(form: str, tmp_path: Path) -> None:
    store, file = new_store(tmp_path / "store"), tmp_path / "facts"
    file.write_bytes(FORMS[form]())
    done = run("import", str(file), "--data-dir", str(store))
    assert done.returncode == 0, done.stdout + done.stderr
    assert orders_on_record(store) == {"A/1": 1, "A/2": 1}


def test_a_document_cut_short_is_refused_whole_with_the_line_it_ends_on(tmp_path: Path) -> None:
    store, file = new_store(tmp_path / "store"), tmp_path / "facts.json"
    half = document("A/1", "A/2")[:-80]
    file.write_text(half, encoding="utf-8")
    done = run("import", "--json", str(file), "--data-dir", str(store))
    assert done.returncode == 2
    assert json.loads(done.stdout)["line"] == len(half.splitlines())
    assert orders_on_record(store) == {}


def test_a_bad_line_after_empty_lines_is_named_by_its_place_in_the_file(tmp_path: Path) -> None:
    store, file = new_store(tmp_path / "store"), tmp_path / "facts.jsonl"
    file.write_bytes(b"\n\n{bad}\n")
    done = run("import", "--json", str(file), "--data-dir", str(store))
    assert json.loads(done.stdout)["line"] == 3


def test_an_empty_file_adds_nothing(tmp_path: Path) -> None:
    store, file = new_store(tmp_path / "store"), tmp_path / "facts.jsonl"
    file.touch()
    done = run("import", str(file), "--data-dir", str(store))
    assert done.returncode == 0
    assert orders_on_record(store) == {}
