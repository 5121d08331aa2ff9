"""A form being filled in, key by key: the question asked now, what was typed, and what came of it."""

from uuid import UUID

from pydantic import ValidationError

from domain.desk.steps import Step
from spowatch.board.forms import Ask, Form
from spowatch.board.keyboard import BACKSPACE, ENTER

_LONGEST = 2_000


class Answering:
    """Ends with a step, or with what is wrong with the words that were given."""

    def __init__(self, title: str, alert: UUID, form: Form) -> None:
        self.title = title
        self.alert = alert
        self.ask: Ask | None = None
        self.typed = ""
        self.step: Step | None = None
        self.problem = ""
        self._form = form
        self._go_on(None)

    @property
    def over(self) -> bool:
        return self.ask is None

    def press(self, key: str) -> None:
        ask = self.ask
        if ask is None:
            return
        if ask.keys:
            if key.lower() in ask.keys:
                self._go_on(key.lower())
        elif key == ENTER:
            self._enter(ask)
        elif key == BACKSPACE:
            self.typed = self.typed[:-1]
        elif len(key) == 1 and key.isprintable() and len(self.typed) < _LONGEST:
            self.typed += key

    def _enter(self, ask: Ask) -> None:
        typed = self.typed.strip()
        if ask.choices:
            number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else 0  # noqa: PLR2004 - three digits do
            if not 1 <= number <= len(ask.choices):
                self.problem = f"Type a number from 1 to {len(ask.choices)}."
                return
            typed = ask.choices[number - 1][0]
        if not typed and ask.needed:
            self.problem = "This must be answered; escape goes back."
            return
        self._go_on(typed)

    def _go_on(self, answer: str | None) -> None:
        self.typed = self.problem = ""
        try:
            self.ask = next(self._form) if answer is None else self._form.send(answer)
        except StopIteration as done:
            self.ask, self.step = None, done.value
        except ValidationError as error:
            wrong = error.errors(include_input=False, include_url=False)[0]
            field = ".".join(map(str, wrong["loc"])).replace("_", " ")
            self.ask, self.problem = None, f"{self.title}: {field}: {wrong['msg']}"
