"""English and Welsh: the words of the pages in the language that is spoken.

Texts are written in English where they are used, marked by `_` or `N_`, and looked up in a catalogue
under `web/locale/` when they are shown. Records, the law and people's own words stay as they are.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

ENGLISH, WELSH = "en", "cy"
LANGUAGES: Mapping[str, str] = MappingProxyType({ENGLISH: "English", WELSH: "Cymraeg"})
"""Each in its own words, as a person looks for it."""
CATALOGUES = Path(__file__).with_name("locale")

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def language() -> str:
    """The language of what is being answered, as an HTML `lang`."""
    return _spoken.get()


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Texts looked up inside are in that language; English for one that is not spoken here."""
    token = _spoken.set(name if name in LANGUAGES else ENGLISH)
    try:
        yield
    finally:
        _spoken.reset(token)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for a text that is looked up later
    """Mark a text kept in a table; whoever shows it looks it up with `_`."""
    return text


def _(text: str, **values: Any) -> str:
    """The text in the language spoken now, with the values it names as `%(name)s`."""
    said = _catalogue(language()).gettext(text)
    return said % values if values else said


def one_or_more(one: str, more: str, number: int, **values: Any) -> str:
    """The text for that many: Welsh counts in six ways. `%(num)s` is the number."""
    said = _catalogue(language()).ngettext(one, more, number)
    return said % ({"num": number} | values)


@cache
def _catalogue(name: str) -> NullTranslations:
    if name == ENGLISH:
        return NullTranslations()
    with (CATALOGUES / f"{name}.po").open("rb") as written:
        catalogue = read_po(written, locale=name)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
