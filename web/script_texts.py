"""The words the scripts of a page show, handed over with it: a script knows no catalogue."""

from collections.abc import Mapping
from types import MappingProxyType

from web.language import N_, _

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "soundOn": N_("Sound is ON: turn off"),
        "soundOff": N_("Sound is OFF: turn on"),
        "live": N_("Live"),
        "notLive": N_("NOT LIVE"),
        "notSent": N_("Not sent: the server did not answer. Try again, or take it by telephone."),
        "notToTake": N_("This one is not to be taken. Press a again for the most urgent that is."),
        "besides": N_("new alerts besides these: %(number)s"),
        "ago": N_("%(time)s ago"),
        "ahead": N_("in %(time)s"),
        "overdue": N_("%(time)s overdue"),
        "seconds": N_("%(seconds)s s"),
        "minutes": N_("%(minutes)s min %(seconds)s s"),
        "hours": N_("%(hours)s h %(minutes)s min"),
        "clockAhead": N_(
            "The clock of this computer is %(time)s ahead of the server's. Ages and countdowns here go by the server's. Have the clock put right."
        ),
        "clockBehind": N_(
            "The clock of this computer is %(time)s behind the server's. Ages and countdowns here go by the server's. Have the clock put right."
        ),
        "twoDays": N_("2 days"),
        "days": N_("%(days)s days"),
    }
)
"""By the names `ui/texts.js` looks them up under. Two days are said otherwise in Welsh."""


def script_texts() -> Mapping[str, str]:
    """All of them in the language spoken; the values they name are the script's to fill in."""
    return {name: _(text) for name, text in TEXTS.items()}
