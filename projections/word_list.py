"""Words in their order, for whoever knows only how one begins, or nearly."""

from bisect import bisect_left, insort
from itertools import islice

from rapidfuzz import fuzz, process

_LIKE = 80
"""Per cent of letters that two words share in their order for one to be a slip of the other."""
_NEAR = 10
_ONE_BY_ONE = 64
"""Past so many new words it costs less to sort all of them again."""
_PAST = "\U0010ffff"


class WordList:
    """For one thread at a time."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._new: set[str] = set()

    def add(self, word: str) -> None:
        """A word that is not in it."""
        self._new.add(word)

    def remove(self, word: str) -> None:
        """A word that is in it."""
        self._settle()
        del self._words[bisect_left(self._words, word)]

    def beginning(self, start: str, limit: int | None = None) -> list[str]:
        """The words that begin so, at most `limit` of them."""
        self._settle()
        first = bisect_left(self._words, start)
        last = bisect_left(self._words, start + _PAST)
        return list(islice(self._words, first, last if limit is None else min(last, first + limit)))

    def near(self, word: str) -> list[str]:
        """The words most like it, where none begins so."""
        self._settle()
        found = process.extract(
            word, self._words, scorer=fuzz.ratio, score_cutoff=_LIKE, limit=_NEAR
        )
        return [like for like, _score, _place in found]

    def _settle(self) -> None:
        if len(self._new) > _ONE_BY_ONE:
            self._words += self._new
            self._words.sort()
        else:
            for word in self._new:
                insort(self._words, word)
        self._new.clear()
