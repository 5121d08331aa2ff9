"""Brings every text of the pages into the catalogues of the other languages: `make texts`.

With `--check` it writes nothing and exits 1 when a text waits for a translator.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from domain.desk.outcomes import OUTCOMES, WORDS_OF
from domain.desk.refusals import DESK_REFUSALS
from domain.refusals import REFUSALS
from domain.taxonomy import TAXONOMY
from web.language import CATALOGUES, WELSH

_HERE = Path(__file__).parent
_READ_BY = [("ui/**", "ignore"), ("**.py", "python"), ("templates/**.html", "jinja2")]
_MARKS = DEFAULT_KEYWORDS | {"one_or_more": (1, 2)}
_WIDTH = 100
TRANSLATED = (WELSH,)
"""The languages that have a catalogue: all but the one the texts are written in."""


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        waiting = [text for name in TRANSLATED for text in untranslated(name)]
        for text in waiting:
            sys.stderr.write(f"{text}: make texts, then translate it\n")
        return 1 if waiting else 0
    for name in TRANSLATED:
        catalogue = stored(name)
        catalogue.update(texts(), no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        with (CATALOGUES / f"{name}.po").open("wb") as written:
            write_po(written, catalogue, width=_WIDTH, no_location=True, sort_output=True)
    return 0


def texts() -> Catalog:
    """Every text that the code and the templates mark."""
    found = Catalog(fuzzy=False)
    options = {"templates/**.html": {"newstyle_gettext": "true"}}
    for name, line, text, comments, _context in extract_from_dir(
        _HERE, _READ_BY, options, keywords=_MARKS
    ):
        found.add(text, locations=[(name, line)], user_comments=comments)
    for text in _of_the_domain():
        found.add(text)
    return found


def _of_the_domain() -> Iterator[str]:
    """Words that stand in tables of the domain, which knows nothing of languages."""
    yield from (outcome.words for outcome in OUTCOMES.values())
    yield from WORDS_OF.values()
    yield from (term.title for term in TAXONOMY.values())
    yield from (refusal.sentence for refusal in (*REFUSALS.values(), *DESK_REFUSALS.values()))


def stored(name: str) -> Catalog:
    with (CATALOGUES / f"{name}.po").open("rb") as written:
        return read_po(written, locale=name)


def untranslated(name: str) -> Iterator[str]:
    """The texts that have no translation yet, or one for other places than the text names."""
    has = stored(name)
    for text in texts():
        if not text.id:
            continue
        message = has.get(text.id)
        if message is None or message.fuzzy or not _whole(message):
            yield text.id if isinstance(text.id, str) else text.id[0]


def _whole(message: Message) -> bool:
    said = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(said) and not list(message.check())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
