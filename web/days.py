"""Days and minutes as people read them, in the language spoken; always those of London."""

from datetime import date, datetime
from typing import Any

from babel.dates import format_date

from domain.calendar import LONDON
from web.language import language


def day(when: date | datetime) -> str:
    """`Sun 22 Nov 2026`; of an instant, the day it is in London."""
    on = when.astimezone(LONDON).date() if isinstance(when, datetime) else when
    return format_date(on, "EEE d MMM y", locale=language())


def minute(instant: datetime | Any) -> str:
    """A day with its time, and with GMT or BST: legal days end at a local midnight."""
    local = instant.astimezone(LONDON)
    return f"{day(local)} {local:%H:%M %Z}"
