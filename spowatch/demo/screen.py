"""What a demonstration shows: what was told, what is on record, and every alert as it comes."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console
from rich.table import Table

from domain.calendar import LONDON
from spowatch.importing import Outcome, spoken

_STYLE = {"arrest": "bold red", "review": "yellow", "protection": "cyan", "task": "dim"}

_NOBODY_OUTSIDE = (
    "This is a demonstration: the people on its rota are invented, and nobody outside is told."
)


class DemoScreen:
    """Counts the alerts of the backlog until it is summarised; from then on shows each."""

    def __init__(self, directory: Path, *, every_word: bool, time: str = "%H:%M:%S") -> None:
        """`every_word`: what came of each fact is said, and no alert is only counted."""
        self.console = Console(highlight=False, soft_wrap=True)
        self._directory = directory
        self._every_word = every_word
        self._time = time
        self._backlog: Counter[str] | None = None if every_word else Counter()
        self._latest: str | None = None

    def told(self, outcomes: Iterable[Outcome]) -> None:
        """Let the facts be told, and say how many there were."""
        begun, facts, refused = monotonic(), 0, 0
        for outcome in outcomes:
            facts += len(outcome.answers)
            refused += len(outcome.refused)
            said = map(spoken, outcome.report() if self._every_word else ())
            for line in filter(None, said):
                self.console.print(line, style="dim", markup=False)
        self.console.print(
            f"{facts} facts from courts and officers in {monotonic() - begun:.1f} s; {refused} "
            "refused, each with its section of the Act."
        )

    def refused(self, outcome: Outcome) -> None:
        for each in outcome.refused:
            refused = f"   refused: {each.order} {each.answer.refused_as}"
            self.console.print(refused, style="dim")

    def summarise(self) -> None:
        """The backlog in numbers."""
        backlog, self._backlog = self._backlog, None
        if backlog is not None:
            self.console.print(_counted(backlog))
        self.console.print(
            "In another terminal: .venv/bin/spowatch alerts list --data-dir "
            f"{self._directory}\nNow live; Ctrl-C ends it.\n"
        )

    def alert(self, message: dict[str, Any]) -> None:
        if message["what"] == "pages":
            self.console.print(f"The arrest board: {message['address']}", style="bold green")
            return
        if self._backlog is not None:
            if message["what"] == "raised":
                self._backlog[message["code"]] += 1
            return
        if message["what"] == "line_test":
            self.console.print(_line_test(message, self._time), style="dim")
            return
        if message["what"] == "channel_not_set_up":
            self.console.print(_NOBODY_OUTSIDE, style="dim")
            return
        if "raised_at" not in message:
            style = "dim" if message["class"] == "notice" else "bold red"
            self.console.print(f"{message['code']}: {message['instruction']}", style=style)
            return
        self.console.print(self._line(message), style=_STYLE.get(message["class"], ""))
        if message["class"] == "arrest" and self._latest is None:
            self._latest = message["alert"][:8]
            self.console.print(
                f"          open it: .venv/bin/spowatch alerts show {self._latest} "
                f"--data-dir {self._directory}",
                style="dim",
            )

    def _line(self, message: dict[str, Any]) -> str:
        at = message.get("at") or message["raised_at"]
        local = datetime.fromisoformat(at).astimezone(LONDON)
        what = what_became(message)
        return (
            f"{local.strftime(self._time)}  P{message['priority']}  {message['code']}{what}  "
            f"{message['order']}  {message['condition'] or ''}  {message['alert'][:8]}"
        )


def what_became(message: dict[str, Any]) -> str:
    """What became of it, where it is not new."""
    match message["what"]:
        case "raised":
            return ""
        case "withdrawn":
            return f" WITHDRAWN ({message['reason']})"
        case "escalated":
            return f" STEP {message['step']}: {message['tells']} is told"
        case other:
            return f" {other.replace('_', ' ').upper()}"


def _line_test(message: dict[str, Any], time: str) -> str:
    raised = datetime.fromisoformat(message["raised_at"]).astimezone(LONDON)
    return f"{raised.strftime(time)}  line test: heard; {message['instruction']}"


def _counted(backlog: Counter[str]) -> Table:
    table = Table("alerts on record", "count", title=None, box=None)
    for code, count in backlog.most_common():
        table.add_row(code, str(count))
    return table
