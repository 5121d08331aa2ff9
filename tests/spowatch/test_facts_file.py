"""Facts files: every case with its line, and what cannot be decoded named with line and place."""

import io

import pytest

from spowatch.facts_file import LONGEST_LINE, Line, read_lines


def lines(text: str | bytes) -> list[Line]:
    return list(read_lines(io.BytesIO(text if isinstance(text, bytes) else text.encode())))


def test_json_lines_are_read_one_by_one_and_empty_ones_passed_over() -> None:
    assert [(line.number, line.case) for line in lines('{"id":1}\n\n{"id":2}\n')] == [
        (1, {"id": 1}),
        (3, {"id": 2}),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{\n "meta": {},\n "cases": [\n  {"id": 1},\n  {"id": 2}\n ]\n}',
        '\n\n[\n  {"id": 1},\n  {"id": 2}\n]',
    ],
)
def test_a_document_gives_each_case_with_the_line_it_begins_on(text: str) -> None:
    found = lines(text)
    assert [line.case for line in found] == [{"id": 1}, {"id": 2}]
    assert found[1].number == found[0].number + 1


def test_what_stands_beside_the_cases_is_refused_by_name_and_not_dropped() -> None:
    (bad,) = lines('{"regime": "NI-PSA-2022", "meta": {}, "cases": [{"id": 1}]}')
    assert bad.case is None
    assert str(bad.error).startswith("regime: stands beside cases")


def test_a_document_of_one_case_is_that_case() -> None:
    assert [line.case for line in lines('{\n "id": 1\n}')] == [{"id": 1}]


def test_a_line_that_is_cut_off_is_named_and_the_others_are_kept() -> None:
    good, bad = lines('{"id":1}\n{"id":2,"gi')
    assert good.case == {"id": 1}
    assert bad.number == 2
    assert bad.error is not None
    assert bad.error.remedy == "complete or correct the JSON"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b'{"id":1,"id":2}\n{"id":3}', "stands twice"),
        (b'{"id":NaN}\n{"id":3}', "not a number"),
        (b'{"id":"\xff"}\n{"id":3}', "not UTF-8"),
        (b'{"id":' + b"[" * 100_000 + b"\n" + b'{"id":3}', "nested too deeply"),
        (b'{"id":"' + b"x" * (LONGEST_LINE + 10) + b'"}\n{"id":3}', "longer than"),
    ],
)
def test_what_is_not_plain_json_is_named_by_its_fault(raw: bytes, problem: str) -> None:
    found = lines(b'{"id":0}\n' + raw)
    (bad,) = [line for line in found if line.error is not None]
    assert bad.error is not None
    assert problem in str(bad.error)
    assert [line.case for line in found if line.error is None] == [{"id": 0}, {"id": 3}]


def test_a_truncated_document_is_named_with_its_line() -> None:
    (bad,) = lines('{\n "cases": [\n  {"id": 1},\n  {"id": ')
    assert bad.error is not None
    assert bad.number == 4


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault() -> None:
    assert [line.case for line in lines(b'\xef\xbb\xbf{"id":1}\r\n{"id":2}\r\n')] == [
        {"id": 1},
        {"id": 2},
    ]


def test_an_empty_file_holds_nothing() -> None:
    assert lines("") == []
    assert lines("\n\n") == []
