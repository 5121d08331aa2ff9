"""Personal data inside events: which words are about whom, and what is left after erasure.

An event marks personal words by type: `DefendantText`, `ProtectedText`. In memory they are plain
strings. Written to the log through a `Seal` they become ciphertext under the key of the person
they are about; read back after that key was destroyed they become `ErasedText`.
"""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field, SerializationInfo, ValidationInfo, ValidatorFunctionWrapHandler
from pydantic.functional_serializers import PlainSerializer
from pydantic.functional_validators import WrapValidator

About = Literal["defendant", "protected"]


class ErasedText(str):
    """What stands where erased words stood.

    Equal words leave equal placeholders (a keyed fingerprint, useless without the destroyed key),
    so that a name already notified still counts as the same name and every order still folds.
    """

    __slots__ = ()


class SealedText(str):
    """What stands where words were left sealed, for a reader who has no use for them; never kept."""

    __slots__ = ()


LEFT_SEALED = SealedText("[sealed]")

Wanted = Mapping[str, Collection[str]]
"""By topic, the fields whose words a reader has a use for; of a topic that is not named, none."""


class Seal(Protocol):
    """Keeps the words of one stored event; made anew for each event, as the mapper reads it."""

    def close(self, about: About, words: str) -> dict[str, str]:
        """Ciphertext of `words` under the key of the person this event is `about`."""
        ...

    def open(self, about: About, sealed: dict[str, str], field: str | None) -> str:
        """The words of that field again, or `ErasedText` when their key was destroyed.

        `LEFT_SEALED` where whoever reads asked for other fields alone. Raises `ValueError` when the
        ciphertext was altered or moved from another place.
        """
        ...


def _close(about: About) -> Any:
    def close(words: str, info: SerializationInfo) -> Any:
        seal: Seal | None = info.context
        return words if seal is None else seal.close(about, words)

    return PlainSerializer(close, when_used="json")


def _open(about: About) -> Any:
    def open_(value: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        if type(value) is not dict:
            return validate(value)
        seal: Seal | None = info.context
        opened = value if seal is None else seal.open(about, value, info.field_name)
        return opened if type(opened) in _PLACEHOLDERS else validate(opened)

    return WrapValidator(open_)


_PLACEHOLDERS = frozenset({ErasedText, SealedText})


class HoldsAnyFact:
    """Marks an event that carries other facts whole, and so whatever personal words they hold."""


LONGEST_TEXT = 20_000
"""Characters. A longer account belongs in the case file, with its reference in the log."""

DefendantText = Annotated[
    str, Field(max_length=LONGEST_TEXT), _open("defendant"), _close("defendant")
]
"""Words about the person the order is against."""

ProtectedText = Annotated[
    str, Field(max_length=LONGEST_TEXT), _open("protected"), _close("protected")
]
"""Words about a protected person: names, places to keep away from, accounts of what was done."""
