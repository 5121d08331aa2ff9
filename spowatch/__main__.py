"""The program: `spowatch`, or `python -m spowatch`."""

import errno
import os
import sys

from spowatch.cli.app import app
from spowatch.cli.standard_output import CannotBeSaid, marked
from spowatch.garbage import collect_garbage_rarely


def main() -> None:
    collect_garbage_rarely()
    if sys.stdout is None:  # closed by whoever started us, who wants no answer
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - until the end
    else:
        sys.stdout = marked(sys.stdout)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except CannotBeSaid as fault:
        end_unheard(fault)


def end_unheard(fault: OSError) -> None:
    """Status 1 without a traceback: the answer could not be said whole."""
    # The interpreter would flush what is left once more, and complain once more.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if fault.errno == errno.ENOSPC:
        sys.stderr.write(f"spowatch: standard output: {fault.strerror}; the answer is cut short\n")
    sys.exit(1)


if __name__ == "__main__":
    main()
