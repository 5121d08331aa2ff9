"""The kinds of word and date that several facts share."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.personal import DefendantText, ProtectedText

Word = Annotated[str, Field(pattern=r"^[a-zA-Z][a-zA-Z0-9_-]{0,63}$")]
"""A code word from an open list."""

ShortText = Annotated[str, Field(max_length=200)]
"""A reference or title that names no person."""

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


class RegularlyFound(_Part):
    """A home address under s.14(1)(b): a place in the UK where a person is regularly found."""

    kind: Literal["regularly_found"]
    place: DefendantText
    selected_by: Word | None = None


HomeAddress = DefendantText | RegularlyFound


def address_text(address: HomeAddress) -> str:
    return address.place if isinstance(address, RegularlyFound) else address
