"""The console: each message is said once, and a torn line was never said."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from consumers.channels.console import ConsoleDamaged, ConsoleFile, message_key
from tests.small_files import files_of_at_most

KEY = message_key(UUID(int=1), "raised")


def test_the_same_message_is_not_said_twice_not_even_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "console.jsonl"
    first = ConsoleFile(path)
    assert first.say(KEY, {"code": "BREACH_ARREST"})
    assert not first.say(KEY, {"code": "BREACH_ARREST"})
    first.close()
    second = ConsoleFile(path)
    assert not second.say(KEY, {"code": "BREACH_ARREST"})
    second.close()
    assert path.read_text().count("\n") == 1


def test_a_line_torn_by_a_crash_is_cut_off_and_said_again(tmp_path: Path) -> None:
    path = tmp_path / "console.jsonl"
    path.write_bytes(b'{"key":"whole"}\n{"key":"' + KEY.encode() + b'","co')
    console = ConsoleFile(path)
    assert console.has("whole")
    assert console.say(KEY, {"code": "BREACH_ARREST"})
    console.close()
    assert path.read_text() == f'{{"key":"whole"}}\n{{"key":"{KEY}","code":"BREACH_ARREST"}}\n'


@pytest.mark.parametrize("line", [b"not a message", b"[1]", b'{"code":"X"}', b'{"key":1}', b"\xff"])
def test_a_whole_line_that_is_no_message_is_named_and_left_as_it_is(
    tmp_path: Path, line: bytes
) -> None:
    path = tmp_path / "console.jsonl"
    path.write_bytes(b'{"key":"whole"}\n' + line + b"\n")
    with pytest.raises(ConsoleDamaged, match=r"console\.jsonl: line 2 is not a message"):
        ConsoleFile(path)
    assert path.read_bytes().splitlines()[1] == line


def test_a_message_the_disk_had_no_room_for_is_said_whole_once_there_is(tmp_path: Path) -> None:
    path, message = tmp_path / "console.jsonl", {"text": "x" * 2_000_000}
    console = ConsoleFile(path)
    assert console.say("before", {})
    with files_of_at_most(1_000_000), pytest.raises(OSError, match="File too large"):
        console.say(KEY, message)
    assert not console.has(KEY)
    assert console.say(KEY, message)
    console.close()
    assert [json.loads(each)["key"] for each in path.read_text().splitlines()] == ["before", KEY]
