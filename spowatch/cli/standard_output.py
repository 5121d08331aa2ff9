"""Standard output whose own faults are told from those of every other file."""

import io
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class CannotBeSaid(OSError):
    """Of standard output: nobody reads it any more (`| head`), or there is no room for it."""


class _Said(io.FileIO):
    def write(self, words: "ReadableBuffer", /) -> int:
        try:
            return super().write(words)
        except OSError as fault:
            raise CannotBeSaid(fault.errno, fault.strerror) from None


def marked(stdout: TextIO) -> TextIO:
    """The same file as `stdout`; what is wrong with it is raised as `CannotBeSaid`."""
    stdout.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Said(stdout.fileno(), "w", closefd=False)),
        encoding=stdout.encoding,
        errors=stdout.errors,
        line_buffering=bool(stdout.line_buffering),
    )
