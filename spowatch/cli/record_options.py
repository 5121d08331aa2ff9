"""The options of `record`: one for each field of a fact, made from the fact's own definition."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from inspect import Parameter
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import typer
from pydantic import BaseModel

from domain.personal import DefendantText, ProtectedText
from domain.vocabulary import UnreadableFact
from spowatch.cli.given_words import StandardInput, check_written, decoded, words_in_file
from spowatch.wording.field_words import FIELD_WORDS

_PERSONAL = {get_args(text)[-1] for text in (DefendantText, ProtectedText)}
_TRUTH = {"true": True, "yes": True, "false": False, "no": False}
_OPTION_NAMES = {"role": "--applicant-role"}
"""Fields whose own name says something else on the command line."""
_SAID_ONCE = frozenset({"force"})
"""Fields that a common option of the same name fills in."""


class Form(Enum):
    """How a value is written on a command line."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    YES_NO = "YES/NO"
    PART = "JSON"


@dataclass(frozen=True, slots=True)
class FieldOption:
    """One field of a fact as an option."""

    name: str
    form: Form
    many: bool
    needed: bool
    personal: bool
    choices: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        return _OPTION_NAMES.get(self.name, f"--{self.name.rstrip('_').replace('_', '-')}")

    def read(self, words: str) -> Any:
        """The value in `words`: JSON where only that says it, text as it stands otherwise."""
        if self.many and words.startswith("["):
            return decoded(self.name, words)
        value = self._one(words)
        return [value] if self.many else value

    def _one(self, words: str) -> Any:
        if self.form is Form.YES_NO:
            return _TRUTH.get(words.lower(), words)
        if self.form is Form.NUMBER or (self.form is Form.PART and words.startswith("{")):
            return decoded(self.name, words)
        return words

    def parameter(self) -> Parameter:
        default, name = None, self.name
        if self.form is Form.YES_NO:
            flags = f"{self.flag}/--no-{self.flag.removeprefix('--')}"
            hint: Any = Annotated[bool | None, typer.Option(flags, help=self._help())]
        else:
            option = typer.Option(self.flag, help=self._help(), metavar=self._metavar())
            hint = Annotated[list[str] | None if self.many else str | None, option]
        return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)

    def _metavar(self) -> str:
        return "|".join(self.choices) or self.form.value

    def _help(self) -> str:
        words = FIELD_WORDS.get(self.name, self.name.replace("_", " "))
        notes = ["needed"] if self.needed else []
        notes += ["may be repeated"] if self.many else []
        notes += ["personal; - reads standard input"] if self.personal else []
        return words + (f" ({'; '.join(notes)})" if notes else "")


def field_options(kind: type[BaseModel]) -> list[FieldOption]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        _option(name, hints[name], needed=info.is_required())
        for name, info in kind.model_fields.items()
    ]


def own_parameters(kind: type[BaseModel]) -> list[Parameter]:
    """The options that only this fact or step has, the needed ones first."""
    options = [option for option in field_options(kind) if option.name not in _SAID_ONCE]
    renamed = {"role": "applicant_role"}
    return [
        option.parameter().replace(name=renamed.get(option.name, option.name))
        for option in sorted(options, key=lambda option: not option.needed)
    ]


def _option(name: str, hint: Any, *, needed: bool) -> FieldOption:
    plain = _without_none(hint)
    many = get_origin(plain) is tuple
    inner = _without_none(get_args(plain)[0]) if many else plain
    choices = get_args(inner) if get_origin(inner) is Literal else ()
    form = _form(inner)
    personal = form is Form.PART or any(mark in _PERSONAL for mark in _marks(hint))
    return FieldOption(name, form, many, needed, personal, tuple(map(str, choices)))


def _without_none(hint: Any) -> Any:
    if get_origin(hint) is Annotated:
        return _without_none(get_args(hint)[0])
    if get_origin(hint) in {Union, UnionType}:
        return _without_none(next(part for part in get_args(hint) if part is not NoneType))
    return hint


def _form(kind: Any) -> Form:
    if not isinstance(kind, type):
        return Form.TEXT
    if issubclass(kind, bool):
        return Form.YES_NO
    if issubclass(kind, BaseModel):
        return Form.PART
    return Form.NUMBER if issubclass(kind, int | float) else Form.TEXT


def _marks(hint: Any) -> Iterator[Any]:
    for part in get_args(hint):
        yield part
        yield from _marks(part)


def data_from(
    kind: type[BaseModel],
    given: Mapping[str, Any],
    *,
    data: str | None,
    settings: Sequence[str],
    files: Sequence[str],
) -> dict[str, Any]:
    """The fact's data: `data`, over it each key=value and key=file, over that the options `given`.

    Raises `UnreadableFact`.
    """
    stdin, options = StandardInput(), {option.name: option for option in field_options(kind)}
    told = decoded("--data", stdin.words_for("--data", data)) if data is not None else {}
    if not isinstance(told, dict):
        raise UnreadableFact("--data", "is not an object", "write the fact's values as an object")

    def reader(name: str) -> Callable[[str], Any]:
        option = options.get(name)
        return (lambda words: words) if option is None else option.read

    for name, words in _pairs("--set", settings):
        _add(told, name, reader(name)(stdin.words_for(name, words)))
    for name, path in _pairs("--from-file", files):
        _add(told, name, reader(name)(words_in_file(name, path)))
    for name, value in given.items():
        told.pop(name, None)
        for words in value if isinstance(value, list) else [value]:
            text = isinstance(words, str)
            _add(told, name, reader(name)(stdin.words_for(name, words)) if text else words)
    check_written(told)
    return told


def _pairs(option: str, pairs: Sequence[str]) -> Iterator[tuple[str, str]]:
    for each in pairs:
        name, equals, words = each.partition("=")
        if not equals:
            raise UnreadableFact(option, "has no =", "write key=value")
        yield name.replace("-", "_"), words


def _add(told: dict[str, Any], name: str, value: Any) -> None:
    before = told.get(name)
    told[name] = (
        [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    )
