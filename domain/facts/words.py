"""The kinds of word and date that several facts share."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.personal import DefendantText, ProtectedText

_WORD = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,63}")
Word = Annotated[str, Field(pattern=rf"^{_WORD.pattern}$")]
"""A code word from an open list."""

ShortText = Annotated[str, Field(max_length=200)]
"""A reference or title that names no person."""

_STAFF_NUMBER = re.compile(r"[A-Za-z0-9-]{1,32}")
StaffNumber = Annotated[str, Field(pattern=rf"^{_STAFF_NUMBER.pattern}$")]
"""A collar, warrant or payroll number: who it is stands in the force's own systems."""

LegalDate = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
FurtherOrder = Literal["further_order"]
Court = Literal["magistrates", "youth", "crown"]
Area = Literal["EW", "EW-other-force", "scotland", "northern_ireland", "outside_uk"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class Act(_Part):
    """An act of stalking the application rests on."""

    on: LegalDate | None = None
    place: ProtectedText | None = None


class Defendant(_Part):
    """The person the order is sought against, as the application names them."""

    name: DefendantText
    born: DefendantText | None = None
    aliases: tuple[DefendantText, ...] = ()
    pnc_id: DefendantText | None = None
    description: DefendantText | None = None
    markers: tuple[DefendantText, ...] = ()
    risk: DefendantText | None = None


class ProtectedPerson(_Part):
    """A person the order is to protect, with how they may safely be reached."""

    name: ProtectedText
    relationship: Word | None = None
    safe_contact: ProtectedText | None = None


class Address(_Part):
    """A home address under s.14(1): a residence, or a place where the person is regularly found."""

    kind: Literal["residence", "regularly_found"] = "residence"
    place: DefendantText
    selected_by: Word | None = None


def is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None


def is_staff_number(text: str) -> bool:
    return _STAFF_NUMBER.fullmatch(text) is not None


def _written_out(value: Any) -> Any:
    """A plain address is a residence; an empty one is none."""
    if isinstance(value, str):
        return {"kind": "residence", "place": value} if value.strip() else None
    return value


def _named(value: Any) -> Any:
    """A protected person given by name alone."""
    return {"name": value} if isinstance(value, str) else value


HomeAddress = Annotated[Address, BeforeValidator(_written_out)]
MaybeHomeAddress = Annotated[Address | None, BeforeValidator(_written_out)]
Protected = Annotated[ProtectedPerson, BeforeValidator(_named)]
