"""The console: each message is said once, and a torn line was never said."""

from pathlib import Path
from uuid import UUID

from consumers.channels.console import ConsoleFile, message_key

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
