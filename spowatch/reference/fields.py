"""Describes the fields of a pydantic model in words a reader of the log understands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from domain.personal import DefendantText, ProtectedText

FIRST_RELEASE = "0.1.0"
"""The release a field is from unless its `json_schema_extra` names a later one under "since"."""

_WORDS = {
    "str": "text",
    "bool": "yes or no",
    "int": "whole number",
    "float": "number",
    "date": "date",
    "datetime": "instant",
    "AwareDatetime": "instant",
    "NoneType": "nothing",
    "Any": "anything",
    "SecretStr": "secret text",
}

_DEFAULTS = {"None": "nothing", "True": "yes", "False": "no", "()": "none", "''": "nothing"}

_PERSONAL = {
    "the defendant": get_args(DefendantText)[-1],
    "a protected person": get_args(ProtectedText)[-1],
}


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fields_table(model: type[Any]) -> str:
    """Of a model, or of a dataclass that is checked as one."""
    fields: Mapping[str, FieldInfo] = model.__pydantic_fields__
    if not fields:
        return "No fields of its own."
    hints = get_type_hints(model, include_extras=True)
    rows = [
        (f"`{name}`", in_words(hints[name]), _default(info), _whose(hints[name]), _since(info))
        for name, info in fields.items()
    ]
    return table(("field", "type", "if left out", "personal", "since"), rows)


def key_names(model: type[BaseModel], *, required: bool) -> str:
    fields = model.model_fields.items()
    return ", ".join(f"`{name}`" for name, info in fields if info.is_required() is required)


def in_words(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return in_words(arguments[0])
    if origin in {Union, UnionType}:
        return ", or ".join(in_words(argument) for argument in arguments)
    if origin is Literal:
        return ", ".join(f"`{argument}`" for argument in arguments)
    if isinstance(origin, type):
        return _collection(origin, arguments)
    return _name(hint)


def _collection(origin: type, arguments: tuple[Any, ...]) -> str:
    inside = [in_words(argument) for argument in arguments if argument is not Ellipsis]
    if issubclass(origin, Mapping):
        return f"{inside[1]} by {inside[0]}"
    return f"{'set' if issubclass(origin, AbstractSet) else 'list'} of {', '.join(inside)}"


def _name(hint: Any) -> str:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return ", ".join(f"`{member.value}`" for member in hint)
    if _is_model(hint):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    name = getattr(hint, "__name__", str(hint))
    return _WORDS.get(name, name)


def _is_model(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, BaseModel)


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    if info.default_factory is not None:
        return "made when needed"
    if isinstance(info.default, Enum):
        return f"`{info.default.value}`"
    return _DEFAULTS.get(repr(info.default), f"`{info.default}`")


def _since(info: FieldInfo) -> str:
    extra = info.json_schema_extra
    return str(extra.get("since", FIRST_RELEASE)) if isinstance(extra, dict) else FIRST_RELEASE


def _whose(hint: Any) -> str:
    found = {whose for part in _inside(hint) for whose in _marks(part)}
    return ", ".join(sorted(found)) or "no"


def _marks(part: Any) -> Iterator[str]:
    marks = get_args(part)[1:] if get_origin(part) is Annotated else ()
    return (whose for whose, mark in _PERSONAL.items() if mark in marks)


def _inside(hint: Any) -> Iterator[Any]:
    """The hint and every hint within it, through the fields of models too."""
    yield hint
    if _is_model(hint):
        hints = get_type_hints(hint, include_extras=True)
        inner: Iterable[Any] = (hints[name] for name in hint.model_fields)
    else:
        inner = get_args(hint)
    for part in inner:
        if part not in {NoneType, Ellipsis} and not isinstance(part, str):
            yield from _inside(part)


def parts_of(models: Iterable[type[BaseModel]]) -> list[type[BaseModel]]:
    """The models that stand inside the fields of `models`, by name."""
    tops = set(models)
    inside = {part for top in tops for part in _inside(top) if _is_model(part)}
    return sorted(inside - tops, key=lambda part: part.__name__)


def settings_rows(model: type[BaseModel], prefix: str = "SPO_") -> Iterator[tuple[str, ...]]:
    """Variable, type, default, meaning; alternatives one after the other, told apart by `kind`."""
    hints = get_type_hints(model, include_extras=True)
    for name, info in model.model_fields.items():
        variable = f"{prefix}{name.upper()}"
        alternatives = [part for part in _alternatives(hints[name]) if _is_model(part)]
        for alternative in alternatives:
            yield from settings_rows(alternative, f"{variable}__")
        if not alternatives:
            says = (model.__doc__ if name == "kind" else info.description) or ""
            meaning = " ".join(says.split("\n\n", 1)[0].split())
            yield f"`{variable}`", in_words(hints[name]), _default(info), meaning


def _alternatives(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) is Annotated:
        return _alternatives(get_args(hint)[0])
    options = get_args(hint)
    return tuple(each for option in options for each in _alternatives(option)) or (hint,)
