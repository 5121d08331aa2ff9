"""The two clocks of a record: as it was at one moment, as it was known at another."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.calendar import LONDON
from domain.plausible import EARLIEST
from web.language import N_

UNREADABLE = N_("Write a day and a time, as 2026-11-22 14:30, or leave it empty for now.")
AHEAD = N_("This is still to come. Leave it empty for now.")
TOO_EARLY = N_("There is nothing on record from before 1900.")


@dataclass(frozen=True, slots=True)
class MomentsAsked:
    """The moments as an address asks for them, in London's time; empty is now."""

    at: str = ""
    known: str = ""


@dataclass(slots=True)
class Clocks:
    """`at`: as it was; `known`: as it was known. `errors` by field, when they cannot be read."""

    now: datetime
    at: datetime
    known: datetime
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def back(self) -> bool:
        """Whether anything but the present is shown."""
        return self.at < self.now or self.known < self.now


def clocks(asked: MomentsAsked, now: datetime) -> Clocks:
    found = Clocks(now, now, now)
    for name, text in (("at", asked.at), ("known", asked.known)):
        try:
            setattr(found, name, _read(text, now) if text.strip() else now)
        except ValueError as wrong:
            found.errors[name] = str(wrong)
    return found


def _read(text: str, now: datetime) -> datetime:
    """A moment up to now. Raises `ValueError` with what to do."""
    try:
        stated = datetime.fromisoformat(text.strip()[:32])
    except ValueError:
        raise ValueError(UNREADABLE) from None
    instant = (stated if stated.tzinfo else stated.replace(tzinfo=LONDON)).astimezone(UTC)
    if instant > now:
        raise ValueError(AHEAD)
    if instant < EARLIEST:
        raise ValueError(TOO_EARLY)
    return instant
