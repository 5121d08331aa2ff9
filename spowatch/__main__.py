"""The program: `spowatch`, or `python -m spowatch`."""

import gc

from spowatch.cli.app import app


def main() -> None:
    collect_garbage_rarely()
    app()


def collect_garbage_rarely() -> None:
    """Reading orders makes many objects and hardly a cycle; looking for cycles cost 40 % of it."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


if __name__ == "__main__":
    main()
