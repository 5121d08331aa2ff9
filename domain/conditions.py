"""One term of an order as the court wrote it, and which terms cannot be kept together."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.personal import ProtectedText
from domain.taxonomy import TAXONOMY, TermType, Theme

DEFAULT_TERM = "P-CONTACT-DIRECT"


def _known(code: str) -> str:
    if code not in TAXONOMY:
        msg = f"unknown condition code {code[:40]!r}; see docs/reference/conditions.md"
        raise ValueError(msg)
    return code


ConditionCode = Annotated[str, AfterValidator(_known)]


class Period(BaseModel):
    """A period of a single term, where it differs from the order's (s.3(3))."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    last_day: date


class Condition(BaseModel):
    """One prohibition or requirement as the court wrote it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    code: ConditionCode
    wording: ProtectedText | None = None
    metres: float | None = Field(default=None, gt=0, le=1_000_000)
    around: ProtectedText | None = None
    area: ProtectedText | None = None
    at: ProtectedText | None = None
    locality_limited: bool = False
    locality: ProtectedText | None = None
    overlaps: ProtectedText | None = None
    own_period: bool = False
    period: Period | None = None
    persons: tuple[ProtectedText, ...] = ()
    exceptions: tuple[ProtectedText, ...] = ()
    channels: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    provider: ProtectedText | None = None
    supervised_by: str | None = None
    hours: str | None = None

    @property
    def type(self) -> TermType:
        return TAXONOMY[self.code]

    @property
    def lacks_content(self) -> bool:
        """A locality limit without its locality, or a period of its own without it (s.6(d)-(e))."""
        return (self.locality_limited and not self.locality) or (
            self.own_period and self.period is None
        )

    def place(self) -> str | None:
        """Where the term applies, if it names a place."""
        return self.area or self.around or self.at


def incompatible(earlier: Condition, later: Condition) -> bool:
    """Whether nobody could keep both: one requires presence where the other forbids it (s.2(6))."""
    return _must_be_where_barred(earlier, later) or _must_be_where_barred(later, earlier)


def _must_be_where_barred(requirement: Condition, prohibition: Condition) -> bool:
    if not requirement.type.is_requirement or prohibition.type.theme is not Theme.PROXIMITY:
        return False
    required, barred = requirement.at, prohibition.area or prohibition.around
    if not required or not barred:
        return False
    required, barred = _plain(required), _plain(barred)
    return required in barred or barred in required


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())
