"""What the pages keep in memory, kept up to the log by one loop: the board first, then the names."""

from projections.name_index import NameIndex
from web.board import Board


class Following:
    """`work` is called by one thread."""

    def __init__(self, board: Board, names: NameIndex) -> None:
        self._board = board
        self._names = names

    def work(self, wait: float) -> int:
        """Read what is new, waiting for it at most `wait` seconds; how many events.

        While names are still behind, as after a start, the board is looked at between any few of them.
        """
        read = self._board.work(wait if self._names.position >= self._board.position else 0)
        return read + self._names.work(self._board.position)
