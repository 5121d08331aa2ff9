"""Nothing personal has a way into a log line, the label of a metric or an address; SQL and programs stay ours.

What ruff already refuses everywhere (`select = ["ALL"]`): SQL from an f-string (S608), a request without a
timeout (S113), a shell (S602, S604, S605), a clock that knows no zone (DTZ).
"""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.events import EVENT_TYPES
from tests.structure.checkout import page, sources, tree, where
from web.app import openapi, routed
from web.fact_bodies import _parts

LOGS = {"debug", "info", "warning", "error", "critical", "exception", "log", "bind"}
IN_A_LINE = {"name", "words"}
"""What a role, a sheet and a thread are called too."""
LABELS = {"method", "route", "status", "role", "rule", "sheet", "stage", "lane", "channel", "console", "topic", "partition", "reader", "setting"}  # fmt: skip
IN_AN_ADDRESS = {"alert", "reference", "subject", "handover", "decision", "event", "command", "name", "topic", "step"}  # fmt: skip


def personal_names() -> set[str]:
    """Every field that is sealed on record, by the name it has in its event."""
    kinds, seen = list(EVENT_TYPES.values()), set[type]()
    names: set[str] = set()
    while kinds:
        kind = kinds.pop()
        for name, field in kind.model_fields.items():
            sealed = any("seal" in repr(each) or "close" in repr(each) for each in _told(field))
            names |= {name} if sealed else set()
            kinds += [each for each in _parts(field.annotation) if each not in seen]  # type: ignore[misc]  # a model is a class of its own kind
            seen |= set(_parts(field.annotation))
    return names


def _told(field: object) -> Iterator[object]:
    yield getattr(field, "metadata", ())
    yield getattr(field, "annotation", None)


PERSONAL = personal_names()


def lines(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(tree(path)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="_log"), attr=attr)) if attr in LOGS:
                yield node


def says_too_much(call: ast.Call) -> bool:
    """The event is a constant; nothing that is named as a sealed field is beside it, nor the text of a fault."""
    if not call.args or not all(isinstance(each, ast.Constant) for each in call.args):
        return True
    read = {each.attr for each in ast.walk(call) if isinstance(each, ast.Attribute)}
    named = {each.arg for each in call.keywords if each.arg is not None}
    told = {ast.unparse(each.value) for each in call.keywords}
    faults = {"str(fault)", "str(error)", "repr(fault)", "repr(error)", "fault", "error"}
    return bool(((read | named) - IN_A_LINE) & PERSONAL or told & faults)


def labels(path: Path) -> Iterator[tuple[ast.Call, list[str]]]:
    for node in ast.walk(tree(path)):
        match node:
            case ast.Call(func=ast.Name(id="Counter" | "Gauge" | "Histogram"), args=[*_, ast.List(elts=found)]):  # fmt: skip
                yield node, [ast.unparse(each).strip("'") for each in found]


def test_what_is_sealed_is_known() -> None:
    assert {"narrative", "wording", "safe_contact", "name", "born", "place"} <= PERSONAL


def test_no_log_line_has_a_way_to_something_personal() -> None:
    found = [(path, call) for path in sources() for call in lines(path)]
    assert len(found) > 10
    assert not [where(path, call) for path, call in found if says_too_much(call)]


@pytest.mark.parametrize(
    "line",
    ['_log.error(f"no {order}")', '_log.info("x", why=told.narrative)', '_log.info("x", born=1)',
     '_log.error("x", fault=str(fault))', "_log.info(told)"],
)  # fmt: skip
def test_the_guard_sees_what_a_line_must_not_say(line: str) -> None:
    [call] = [each for each in ast.walk(ast.parse(line)) if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)]  # fmt: skip
    assert says_too_much(call)


def test_every_label_of_a_metric_is_of_a_closed_list() -> None:
    found = [(name, told) for path in sources("spowatch") for name, told in labels(path)]
    assert len(found) > 5
    assert {label for _, some in found for label in some} <= LABELS


def test_no_address_has_a_place_for_a_word_about_a_person() -> None:
    """ASVS 14.2.1."""
    places = {
        each["name"]
        for ways in openapi()["paths"].values()
        for way in ways.values()
        for each in way.get("parameters", [])
        if each["in"] in {"query", "path"}
    }
    assert places <= IN_AN_ADDRESS | {"after", "limit"}
    assert routed().routes


def test_ruff_refuses_the_rest() -> None:
    told = tomllib.loads(page("pyproject.toml"))["tool"]["ruff"]["lint"]
    excused = {*told["ignore"], *(each for some in told["per-file-ignores"].values() for each in some)}  # fmt: skip
    assert told["select"] == ["ALL"]
    assert not excused & {"S", "S608", "S113", "S602", "S604", "S605", "DTZ", "DTZ005"}
